package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

var loopback = regexp.MustCompile(`127\.0\.0\.1|localhost`)

// inside is how a container names what listens on this machine.
func inside(url string) string { return loopback.ReplaceAllString(url, "host.docker.internal") }

type sam struct {
	build, arch string // build is the folder that `sam build` made
	endpoints   endpoints
}

// prepare writes what stands for the stack: the variables that it would have made, and
// a template that names AWS_ENDPOINT_URL too, because SAM sets only what is named.
func (s *sam) prepare() error {
	variables, err := json.Marshal(map[string]map[string]string{"Parameters": {
		"AWS_ENDPOINT_URL":      inside(s.endpoints.AWS),
		"INGEST_QUEUE_URL":      inside(s.endpoints.Queues.Ingest),
		"DEAD_LETTER_QUEUE_URL": inside(s.endpoints.Queues.DeadLetter),
		"SEARCH_CURSOR_KEY":     rand.Text(),
	}})
	if err != nil {
		return err
	}
	template, err := os.ReadFile(filepath.Join(s.build, "template.yaml"))
	if err != nil {
		return err
	}
	const shared = "\n      Variables:\n"
	if !bytes.Contains(template, []byte(shared)) {
		return fmt.Errorf("%s/template.yaml has no Globals.Function.Environment", s.build)
	}
	template = bytes.Replace(template, []byte(shared), []byte(shared+"        AWS_ENDPOINT_URL: ''\n"), 1)
	return errors.Join(
		os.WriteFile(filepath.Join(s.build, "local.yaml"), template, 0o600),
		os.WriteFile(filepath.Join(s.build, "variables.json"), variables, 0o600),
	)
}

// command is `sam local ...`. It ends with ctx by the signal on which SAM removes its
// containers, and takes nobody's credentials along.
func (s *sam) command(ctx context.Context, args ...string) *exec.Cmd {
	args = append(append([]string{"local"}, args...),
		"--template", filepath.Join(s.build, "local.yaml"), "--env-vars", filepath.Join(s.build, "variables.json"), "--skip-pull-image",
		"--add-host", "host.docker.internal:host-gateway",
		"--parameter-overrides", "Arch="+s.arch, "OpenSearchAuth=none", "OpenSearchUrl="+inside(s.endpoints.OpenSearch), "StreamShards=1")
	cmd := exec.CommandContext(ctx, filepath.Join(".local", "venv-sam", "bin", "sam"), args...) //nolint:gosec // pinned, ours
	cmd.Env = withoutAWS(os.Environ())
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	return cmd
}

func withoutAWS(environ []string) []string {
	env := []string{"SAM_CLI_TELEMETRY=0", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true"}
	for _, v := range environ {
		if !strings.HasPrefix(v, "AWS_") {
			env = append(env, v)
		}
	}
	return env
}

// invoke is the function's answer: the last line, what it prints itself comes before.
func (s *sam) invoke(ctx context.Context, function, event string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var out, log bytes.Buffer
	cmd := s.command(ctx, "invoke", function, "--event", event)
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, tail(log.String()))
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return []byte(last), nil
	}
	return nil, fmt.Errorf("no answer: %s", tail(log.String()))
}

func tail(log string) string { return log[max(0, len(log)-2000):] }
