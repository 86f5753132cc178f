package part

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// command runs a tool to its end; its error holds what the tool wrote last.
func command(ctx context.Context, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(cmd.Environ(), env...)
	return finish(cmd, 0)
}

// commandAs runs a tool as another user, in a folder that is his.
func commandAs(ctx context.Context, user int, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	return finish(cmd, user)
}

// nobody is who owns nothing.
const nobody = 65534

func become(a *syscall.SysProcAttr, user int) {
	if user != 0 {
		a.Credential = &syscall.Credential{Uid: uint32(user), Gid: uint32(user)}
	}
}

func finish(cmd *exec.Cmd, user int) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	become(cmd.SysProcAttr, user)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // mvn is a script around a JVM
	cmd.WaitDelay = time.Second
	output, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd.Args[0], err, bytes.TrimSpace(output[max(0, len(output)-1500):]))
	}
	return nil
}
