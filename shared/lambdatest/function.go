// Package lambdatest runs a compiled, unmodified bootstrap on one machine as AWS
// Lambda would: a Runtime API per environment, environments started on demand and
// used again while warm, one invocation at a time in each, replaced after a crash or
// a timeout, frozen between invocations where asked. Invoke answers what Lambda's
// Invoke answers; Endpoint serves it to `aws lambda invoke --endpoint-url`.
//
// It refuses payloads over 6 MB, callers beyond the concurrency, and to lend the
// function anything of its own process's environment. It does not enforce memory.
//
// e2e tests and local/ (make run) call it.
package lambdatest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// MaxPayload is the most that a request or a response may hold, in bytes.
const MaxPayload = 6 << 20

// What Invoke refuses before the function sees anything.
var (
	ErrThrottled = errors.New("rate exceeded: every environment is busy")
	ErrTooLarge  = errors.New("request must be smaller than 6291456 bytes for the InvokeFunction operation")
	ErrClosed    = errors.New("function is closed")
)

// Result is the answer to one invocation.
type Result struct {
	RequestID     string
	Payload       []byte        // the function's answer, or {"errorMessage", "errorType", ...}
	FunctionError string        // "Unhandled" when Payload is an error, else empty
	ColdStart     time.Duration // exec to the first /next; zero in a warm environment
	Duration      time.Duration // of the invocation, without the cold start
}

// Function is one function and its environments; safe for concurrent use.
type Function struct {
	Config

	logMu sync.Mutex

	mu       sync.Mutex
	alive    []*environment // every started one that has not exited
	idle     []*environment // those waiting in /next, the last used last
	taken    int            // slots of Concurrency in use: alive, or being started
	freezing bool
	closed   bool
	work     sync.WaitGroup
}

// Start readies a function; its first environment starts with the first invocation.
// When ctx ends, Close is called.
func Start(ctx context.Context, cfg Config) (*Function, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	f := &Function{Config: cfg, freezing: cfg.Freeze}
	context.AfterFunc(ctx, f.Close)
	return f, nil
}

// Invoke runs the function on payload. A failing function is a Result with a
// FunctionError; an error is a refusal, or ctx's end, which the function outlives as on AWS.
func (f *Function) Invoke(ctx context.Context, payload []byte) (Result, error) {
	if len(payload) > MaxPayload {
		return Result{}, ErrTooLarge
	}
	env, err := f.acquire()
	if err != nil {
		return Result{}, err
	}
	call := newInvocation(f.Config, payload)
	answer := make(chan Result, 1)
	go func() {
		defer f.work.Done()
		f.run(env, call, answer)
	}()
	select {
	case result := <-answer:
		return result, nil
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
}

// acquire takes the warmest idle environment, or a slot for a new one (nil), and
// counts the invocation as work.
func (f *Function) acquire() (*environment, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return nil, ErrClosed
	case len(f.idle) > 0:
		last := len(f.idle) - 1
		env := f.idle[last]
		f.idle = f.idle[:last]
		env.thaw()
		f.work.Add(1)
		return env, nil
	case f.taken < f.Concurrency:
		f.taken++
		f.work.Add(1)
		return nil, nil
	}
	return nil, ErrThrottled
}

// run carries call through env (nil: a new one) until env is idle again or gone.
func (f *Function) run(env *environment, call *invocation, answer chan<- Result) {
	var cold time.Duration
	for {
		if env == nil {
			started, failure := f.launch(call)
			if failure != nil {
				answer <- *failure
				return
			}
			env, cold = started, started.coldStart
		}
		if env.deliver(call) {
			break
		}
		f.replace(env) // it died while idle: the call has not reached it
		env = nil
	}
	result := env.await(call)
	result.ColdStart = cold
	f.settle(env, call) // first: an invocation is complete when the runtime asks for the next
	answer <- result
}

// launch starts an environment in the slot already taken and waits for its first /next.
func (f *Function) launch(call *invocation) (*environment, *Result) {
	env, err := startEnvironment(f)
	if err != nil {
		f.free()
		return nil, call.failed("Runtime.InvalidEntrypoint", "Error: "+err.Error())
	}
	f.mu.Lock()
	f.alive = append(f.alive, env)
	f.mu.Unlock()
	go func() {
		<-env.exited
		f.forget(env)
	}()
	if failure := env.initialize(call); failure != nil {
		env.stop()
		<-env.forgotten
		return nil, failure
	}
	return env, nil
}

// replace waits until a dead environment's slot is free and takes a slot again.
func (f *Function) replace(env *environment) {
	<-env.forgotten
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken++
}

// settle makes env idle once it asks for the next invocation, within the call's deadline.
func (f *Function) settle(env *environment, call *invocation) {
	if !env.readyAgain(call) {
		env.stop()
		<-env.forgotten
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || !slices.Contains(f.alive, env) {
		return // Close stops it, or it has gone
	}
	f.idle = append(f.idle, env)
	if f.freezing {
		env.freeze()
	}
}

func (f *Function) forget(env *environment) {
	f.mu.Lock()
	is := func(e *environment) bool { return e == env }
	f.alive = slices.DeleteFunc(f.alive, is)
	f.idle = slices.DeleteFunc(f.idle, is)
	f.taken--
	f.mu.Unlock()
	close(env.forgotten)
}

func (f *Function) free() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken--
}

func (f *Function) log(line string) {
	f.logMu.Lock()
	defer f.logMu.Unlock()
	f.Log(line)
}
