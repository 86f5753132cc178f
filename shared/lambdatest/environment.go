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

const (
	initLimit = 10 * time.Second       // of the Init phase
	termGrace = 500 * time.Millisecond // SIGTERM to SIGKILL with an internal extension
)

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
	last      *invocation // the deadline of what runs after the answer
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
		_ = e.server.Close()
		close(e.exited)
	}()
	return e, nil
}

// initialize waits for the first /next.
func (e *environment) initialize(call *invocation) *Result {
	timer := time.NewTimer(initLimit)
	defer timer.Stop()
	select {
	case <-e.ready:
		e.coldStart = time.Since(e.began)
		return nil
	case payload := <-e.initError:
		return call.done(reply{payload: payload, failed: true})
	case <-e.exited:
		select {
		case payload := <-e.initError: // posted, then exited
			return call.done(reply{payload: payload, failed: true})
		default:
			return e.crashed(call)
		}
	case <-timer.C:
		return call.timedOut(initLimit)
	}
}

// deliver hands call to the waiting runtime; false if the process has gone.
func (e *environment) deliver(call *invocation) bool {
	call.begin()
	e.mu.Lock()
	e.current, e.last = call, call
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
	timer := time.NewTimer(time.Until(call.deadline))
	defer timer.Stop()
	select {
	case r := <-call.answer:
		return *call.done(r)
	case <-e.exited:
		select {
		case r := <-call.answer: // answered, then exited
			return *call.done(r)
		default:
			return *e.crashed(call)
		}
	case <-timer.C:
		e.stop()
		return *call.timedOut(call.timeout)
	}
}

// readyAgain waits for the /next after an answer; false if it never came.
func (e *environment) readyAgain() bool {
	timer := time.NewTimer(max(time.Until(e.last.deadline), time.Second))
	defer timer.Stop()
	select {
	case <-e.ready:
		return true
	case <-e.exited:
	case <-timer.C:
	}
	return false
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
		select {
		case <-e.exited:
		case <-time.After(termGrace):
		}
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
