package lambdatest

import (
	"bytes"
	"io"
	"os/exec"
	"strings"
	"time"
)

// command is the bootstrap, ready to start against its Runtime API.
func (f *Function) command(runtimeAPI string) *exec.Cmd {
	cmd := exec.Command(f.Bootstrap)
	cmd.Dir = f.Dir
	cmd.Env = f.environ(runtimeAPI)
	cmd.Stdout = &lines{log: f.log}
	cmd.Stderr = &lines{log: f.log}
	cmd.WaitDelay = time.Second // a grandchild may hold the pipes
	cmd.SysProcAttr = ownGroup()
	return cmd
}

// flush logs what came without a last newline.
func flush(w io.Writer) {
	if l, ok := w.(*lines); ok && len(l.rest) > 0 {
		l.log(string(l.rest))
	}
}

// lines cuts what is written to it.
type lines struct {
	log  func(string)
	rest []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 {
			return len(p), nil
		}
		l.log(strings.TrimSuffix(string(l.rest[:end]), "\r"))
		l.rest = l.rest[end+1:]
	}
}
