package part

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"strings"
)

// lines writes a part's output to its log file and gives each whole line to a listener.
type lines struct {
	file io.Writer
	line func(string)
	rest []byte
}

const longestLine = 64 << 10

func (l *lines) Write(p []byte) (int, error) {
	if l.line != nil {
		l.rest = append(l.rest, p...)
		l.cut()
	}
	return l.file.Write(p)
}

func (l *lines) cut() {
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 && len(l.rest) < longestLine {
			return
		}
		if end < 0 {
			end = len(l.rest) - 1
		}
		if text := strings.TrimRight(string(l.rest[:end]), "\r"); text != "" {
			l.line(text)
		}
		l.rest = append(l.rest[:0], l.rest[end+1:]...)
	}
}

var stackFrame = regexp.MustCompile(`(?m)^\s+(at |\.\.\. \d+ more).*\n?`)

// tail returns the last lines of a log without Java's stack frames, for an error that must explain itself.
func tail(file string) string {
	const most = 8
	content, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(stackFrame.ReplaceAllString(string(content), "")), "\n")
	return strings.Join(all[max(0, len(all)-most):], "\n")
}
