package client

import (
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/shared/cache"
	"github.com/sluice-dev/sluice/shared/fault"
)

// room is a number of environments before one server and one real Redis.
type room struct {
	*script
	redis   *part.Redis
	clients []*Client
}

func newRoom(t *testing.T, environments int, answer step) room {
	t.Helper()
	r := room{script: serve(t, answer)}
	var err error
	if r.redis, err = part.StartRedis(t.Context(), part.Home{Data: t.TempDir()}, part.RedisOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-r.redis.Pid(), syscall.SIGCONT)
		r.redis.Kill()
	})
	for range environments {
		_, signals, err := cache.Open(cache.Config{RedisURL: r.redis.URL, RedisTimeout: time.Second}, cache.Deps{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		deps := (&journal{}).deps()
		deps.Signals = signals
		r.clients = append(r.clients, made(t, r.URL, deps, func(c *Config) {
			c.MaxAttempts, c.BreakerFailures, c.BreakerOpen = 1, 3, 3*time.Second
		}))
	}
	return r
}

func (r room) ask(t *testing.T, c *Client) error {
	_, err := c.Do(t.Context(), searchCall)
	return err
}

// toggled answers 503 while down.
func toggled(down *atomic.Bool) step {
	return func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			status(503, `{}`)(w, r)
			return
		}
		ok(w, r)
	}
}

func TestABreakerThatOpensOpensForAllEnvironments(t *testing.T) {
	var down atomic.Bool
	down.Store(true)
	r := newRoom(t, 20, toggled(&down))
	for range 3 {
		wantKind(t, r.ask(t, r.clients[0]), fault.Unavailable)
	}
	for _, c := range r.clients {
		err := r.ask(t, c)
		if wantKind(t, err, fault.Unavailable); fault.RetryAfter(err) <= 0 {
			t.Error("no retry-after is stated")
		}
	}
	wantRequests(t, r.script, 3)

	// One is elected to try; it fails, and nobody asks for as long again.
	time.Sleep(3300 * time.Millisecond)
	r.all(t)
	if n := r.count(); n != 4 {
		t.Fatalf("%d requests, want one to try", n)
	}
	r.all(t)
	wantRequests(t, r.script, 4)

	down.Store(false)
	deadline := time.Now().Add(20 * time.Second)
	for _, c := range r.clients {
		for r.ask(t, c) != nil {
			if time.Now().After(deadline) {
				t.Fatal("it does not close again")
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// all ask at once.
func (r room) all(t *testing.T) {
	var all sync.WaitGroup
	for _, c := range r.clients {
		all.Go(func() { _ = r.ask(t, c) })
	}
	all.Wait()
}

func TestAnEnvironmentThatDiesWhileItTriesHoldsUpNobodyForLong(t *testing.T) {
	var down atomic.Bool
	r := newRoom(t, 2, toggled(&down))
	c := r.clients[0]
	_, signals, _ := cache.Open(cache.Config{RedisURL: r.redis.URL, RedisTimeout: time.Second}, cache.Deps{Now: time.Now})
	name := newShared(c.cfg, Deps{Signals: signals, Now: time.Now})
	_, _ = signals.Raise(t.Context(), name.down, 3*time.Second) // in its second half
	_, _ = signals.Raise(t.Context(), name.probe, 500*time.Millisecond)
	wantKind(t, r.ask(t, c), fault.Unavailable)
	wantRequests(t, r.script, 0)
	time.Sleep(600 * time.Millisecond)
	if err := r.ask(t, c); err != nil {
		t.Fatal(err)
	}
	if left, err := signals.Left(t.Context(), name.down); left != 0 || err != nil {
		t.Errorf("the signal stands for %s after a success: %v", left, err)
	}
}

func TestWithoutItsSignalsABreakerIsItsOwn(t *testing.T) {
	for name, fail := range map[string]func(*part.Redis){
		"killed": func(r *part.Redis) { r.Kill() },
		"hung":   func(r *part.Redis) { _ = syscall.Kill(-r.Pid(), syscall.SIGSTOP) },
	} {
		t.Run(name, func(t *testing.T) {
			var down atomic.Bool
			r := newRoom(t, 2, toggled(&down))
			fail(r.redis)
			for _, c := range r.clients {
				if err := r.ask(t, c); err != nil {
					t.Fatal("it does not fail open:", err)
				}
			}
			down.Store(true)
			for range 5 {
				wantKind(t, r.ask(t, r.clients[0]), fault.Unavailable)
			}
			wantRequests(t, r.script, 2+3)
			down.Store(false)
			if err := r.ask(t, r.clients[1]); err != nil {
				t.Error("the other one does not know:", err)
			}
		})
	}
}

// A request that its caller gave up says nothing of OpenSearch, and must not extend an outage.
func TestAProbeThatIsGivenUpLeavesTheElectionOpen(t *testing.T) {
	r := newRoom(t, 1, ok)
	s := r.clients[0]
	_, signals, _ := cache.Open(cache.Config{RedisURL: r.redis.URL, RedisTimeout: time.Second}, cache.Deps{Now: time.Now})
	shared := newShared(s.cfg, Deps{Signals: signals, Now: time.Now})
	_, _ = signals.Raise(t.Context(), shared.down, 3*time.Second)
	if ok, elected, _ := shared.admits(t.Context()); !ok || !elected {
		t.Fatal("nobody is elected")
	}
	shared.tell(t.Context(), outcome{elected: true, failure: errOurs})
	if ok, elected, _ := shared.admits(t.Context()); !ok || !elected {
		t.Error("the next one is not elected")
	}
}
