package part

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// Command says how a process is run and how one knows that it serves.
type Command struct {
	Name  string                      // as progress and errors call it
	Args  []string                    // the program and its arguments
	Env   []string                    // added to our own
	User  int                         // whose process it is, and whose group; zero: as ours
	Log   string                      // the file that takes its output, from the first start on
	Line  func(string)                // given each line of output; may be nil
	Ready func(context.Context) error // nil error: it serves
	Clean []string                    // run before each start and after each end, where a signal does not reach what it started (a container)
}

// Process is one running part: a process group of its own.
type Process struct {
	command Command
	mu      sync.Mutex
	cmd     *exec.Cmd
	done    chan struct{}
	ended   error
}

const startWithin = 90 * time.Second

// Run starts the command and returns when it is ready. If it never is, it is killed.
func Run(ctx context.Context, c Command) (*Process, error) {
	if err := os.Remove(c.Log); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	p := &Process{command: c}
	if err := p.Restart(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// Restart kills the process if it runs, starts it again and waits until it is ready.
func (p *Process) Restart(ctx context.Context) error {
	p.Kill()
	if err := p.start(); err != nil {
		return fmt.Errorf("%s: %w", p.command.Name, err)
	}
	if err := p.Ready(ctx); err != nil {
		p.Kill()
		return err
	}
	return nil
}

func (p *Process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clean()
	log, err := os.OpenFile(p.command.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	cmd := exec.Command(p.command.Args[0], p.command.Args[1:]...)
	cmd.Env = append(cmd.Environ(), p.command.Env...)
	output := &lines{file: log, line: p.command.Line}
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = attributes()
	become(cmd.SysProcAttr, p.command.User)
	cmd.WaitDelay = time.Second // a grandchild that keeps the pipe must not hold us
	p.cmd, p.done = cmd, make(chan struct{})
	begun := make(chan error)
	go p.watch(cmd, log, begun)
	return <-begun
}

// watch starts and awaits the process on one locked thread: the kernel kills a child
// when the THREAD that made it ends, so that thread has to live as long as the child.
func (p *Process) watch(cmd *exec.Cmd, log *os.File, begun chan<- error) {
	runtime.LockOSThread()
	defer log.Close()
	defer close(p.done)
	err := cmd.Start()
	begun <- err
	if err == nil {
		p.ended = cmp.Or(cmd.Wait(), errors.New("exit status 0"))
	}
}

// Ready waits until the process serves, for ninety seconds at most. A process that has
// ended is an error with the last lines that it wrote.
func (p *Process) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for {
		attempt, done := context.WithTimeout(ctx, 5*time.Second)
		err := p.command.Ready(attempt)
		done()
		if err == nil {
			return nil
		}
		select {
		case <-p.Done():
			return fmt.Errorf("%s ended while it started (%w); %s says:\n%s", p.command.Name, p.ended, p.command.Log, tail(p.command.Log))
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready (%w), see %s: %w", p.command.Name, ctx.Err(), p.command.Log, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Pid is the process id, which is its group's as well.
func (p *Process) Pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.Process.Pid
}

// Log is the file that takes the process's output.
func (p *Process) Log() string { return p.command.Log }

// Done is closed when the process has ended, for whatever reason.
func (p *Process) Done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}
