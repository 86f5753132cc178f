package lambdatest

import (
	"slices"
	"sync"
)

// Freeze stops the processes of idle environments, and of each other one as soon as
// it is idle. An invocation thaws the environment that it goes to.
func (f *Function) Freeze() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.freezing = true
	for _, env := range f.idle {
		env.freeze()
	}
}

// Thaw lets all environments run, and stays off until the next Freeze.
func (f *Function) Thaw() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.freezing = false
	for _, env := range f.idle {
		env.thaw()
	}
}

// Shutdown ends all environments, busy ones too, as Lambda does: SIGTERM and 500 ms
// where an extension is registered, then SIGKILL. The next invocation is a cold start.
func (f *Function) Shutdown() { f.end((*environment).stop) }

// Kill ends all environments at once with SIGKILL. The next invocation is a cold start.
func (f *Function) Kill() { f.end((*environment).kill) }

func (f *Function) end(how func(*environment)) {
	f.mu.Lock()
	f.idle = nil // nobody may take what is about to go
	alive := slices.Clone(f.alive)
	f.mu.Unlock()
	var all sync.WaitGroup
	for _, env := range alive {
		all.Go(func() {
			how(env)
			<-env.forgotten
		})
	}
	all.Wait()
}

// Close refuses new invocations, lets running ones end, then shuts down.
func (f *Function) Close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.Thaw()
	f.work.Wait()
	f.Shutdown()
}

// PIDs are the process ids of the living environments.
func (f *Function) PIDs() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	pids := make([]int, len(f.alive))
	for i, env := range f.alive {
		pids[i] = env.cmd.Process.Pid
	}
	return pids
}
