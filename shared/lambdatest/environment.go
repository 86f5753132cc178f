package lambdatest

import (
	"net"
	"net/http"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// termGrace is from SIGTERM to SIGKILL with an internal extension.
const termGrace = 500 * time.Millisecond

// environment is one process and the Runtime API that it alone talks to.
type environment struct {
	fn        *Function
	cmd       *exec.Cmd
	server    *http.Server
	began     time.Time     // exec
	coldStart time.Duration // until the first /next

	ready     chan struct{}    // the runtime asks for the next invocation
	next      chan *invocation // taken by that request
	initError chan []byte
	exited    chan struct{} // the process has gone; exit says how
	forgotten chan struct{} // and its slot is free
	exit      error

	extension atomic.Bool // registered: SIGTERM before SIGKILL
	mu        sync.Mutex
	current   *invocation // delivered and not yet answered
}

func startEnvironment(f *Function) (*environment, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e := &environment{
		fn: f, ready: make(chan struct{}, 1), next: make(chan *invocation),
		initError: make(chan []byte, 1), exited: make(chan struct{}), forgotten: make(chan struct{}),
	}
	e.server = &http.Server{Handler: e.routes(), ReadHeaderTimeout: 10 * time.Second}
	e.cmd = f.command(listener.Addr().String())
	e.began = time.Now()
	if err := e.cmd.Start(); err != nil {
		_ = listener.Close()
		return nil, err
	}
	go func() { _ = e.server.Serve(listener) }()
	go func() {
		e.exit = e.cmd.Wait()
		flush(e.cmd.Stdout)
		flush(e.cmd.Stderr)
		_ = e.server.Close()
		close(e.exited)
	}()
	return e, nil
}

// initialize waits for the first /next.
func (e *environment) initialize(call *invocation) *Result {
	select {
	case <-e.ready:
		e.coldStart = time.Since(e.began)
		return nil
	case <-e.exited:
	case payload := <-e.initError:
		e.exits(termGrace) // by itself, with its last words logged
		return call.done(reply{payload: payload, failed: true})
	case <-time.After(e.fn.initLimit):
		return call.timedOut(e.fn.initLimit)
	}
	select {
	case payload := <-e.initError: // posted, then exited
		return call.done(reply{payload: payload, failed: true})
	default:
		return e.crashed(call)
	}
}

// deliver hands call to the waiting runtime; false if the process has gone.
func (e *environment) deliver(call *invocation) bool {
	call.begin()
	e.mu.Lock()
	e.current = call
	e.mu.Unlock()
	select {
	case e.next <- call:
		return true
	case <-e.exited:
		return false
	}
}

// await is what came of a delivered call.
func (e *environment) await(call *invocation) Result {
	select {
	case r := <-call.answer:
		return *call.done(r)
	case <-e.exited:
	case <-time.After(time.Until(call.deadline)):
		e.stop()
		return *call.timedOut(call.timeout)
	}
	select {
	case r := <-call.answer: // answered, then exited
		return *call.done(r)
	default:
		return *e.crashed(call)
	}
}

// readyAgain waits for the /next after an answer; false if it never came.
func (e *environment) readyAgain(call *invocation) bool {
	select {
	case <-e.ready:
		return true
	case <-e.exited:
	case <-time.After(max(time.Until(call.deadline), time.Second)):
	}
	return false
}

// exits waits for the process to end by itself.
func (e *environment) exits(within time.Duration) {
	select {
	case <-e.exited:
	case <-time.After(within):
	}
}

func (e *environment) crashed(call *invocation) *Result {
	if e.exit == nil {
		return call.failed("Runtime.ExitError", "Error: Runtime exited without providing a reason")
	}
	return call.failed("Runtime.ExitError", "Error: Runtime exited with error: "+e.exit.Error())
}

func (e *environment) freeze() { e.signal(syscall.SIGSTOP) }
func (e *environment) thaw()   { e.signal(syscall.SIGCONT) }

// kill ends the process and all it started.
func (e *environment) kill() {
	e.signal(syscall.SIGKILL)
	<-e.exited
}

// stop is Lambda's Shutdown phase.
func (e *environment) stop() {
	e.thaw()
	if e.extension.Load() {
		e.signal(syscall.SIGTERM)
		e.exits(termGrace)
	}
	e.kill()
}

// signal reaches the process group, unless the process has been waited for: its id may be another's then.
func (e *environment) signal(s syscall.Signal) {
	select {
	case <-e.exited:
	default:
		_ = syscall.Kill(-e.cmd.Process.Pid, s)
	}
}
