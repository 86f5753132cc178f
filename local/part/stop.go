package part

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

const stopWithin = 15 * time.Second

// Stop asks the process to end and kills it when ctx is over, or after fifteen seconds.
func (p *Process) Stop(ctx context.Context) error {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
	case <-time.After(stopWithin):
		p.Kill()
		return fmt.Errorf("%s had to be killed: it did not end within %s of SIGTERM", p.command.Name, stopWithin)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clean()
	return nil
}

// Kill ends the process at once, as a crash would, and returns when it is gone.
func (p *Process) Kill() {
	p.mu.Lock()
	running := p.done
	p.mu.Unlock()
	if running == nil {
		return
	}
	p.clean()
	p.signal(syscall.SIGKILL)
	<-running
}

// signal reaches the whole group; never one that has ended, whose number may be another's by now.
func (p *Process) signal(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.done:
	default:
		syscall.Kill(-p.cmd.Process.Pid, s)
	}
}

func (p *Process) clean() {
	if len(p.command.Clean) > 0 {
		_ = exec.Command(p.command.Clean[0], p.command.Clean[1:]...).Run() // mostly there is nothing to remove
	}
}
