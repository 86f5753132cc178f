package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

type noNetwork struct{ t *testing.T }

func (n noNetwork) RoundTrip(*http.Request) (*http.Response, error) {
	n.t.Error("New used the network")
	return nil, errors.New("no network")
}

type noSecrets struct{ t *testing.T }

func (n noSecrets) Secret(context.Context, string) (string, error) {
	n.t.Error("New fetched the secret")
	return "", errors.New("no secret")
}

func TestNewTouchesNeitherNetworkNorSecret(t *testing.T) {
	for _, auth := range []string{AuthNone, AuthBasic, AuthES, AuthAOSS} {
		cfg := Config{URL: "https://opensearch.invalid", Auth: auth}
		if auth == AuthBasic {
			cfg.SecretARN = "arn:aws:secretsmanager:eu-west-1:1:secret:x"
		}
		deps := signing((&journal{}).deps(), staticKeys)
		deps.Secrets = noSecrets{t}
		if _, err := build(cfg, deps, noNetwork{t}); err != nil {
			t.Fatal(err)
		}
	}
}

// The server closes its idle connections while the environment is frozen.
func TestAConnectionThatDiedInTheFreezeIsNoError(t *testing.T) {
	for name, call := range map[string]Call{"search": searchCall, "rollover": rolloverCall} {
		t.Run(name, func(t *testing.T) {
			j := &journal{}
			s := serve(t, ok)
			c := made(t, s.URL, j.deps(), func(c *Config) { c.MaxAttempts = 1 })
			for range 20 {
				if _, err := c.Do(t.Context(), searchCall); err != nil { // leaves a connection in the pool
					t.Fatal(err)
				}
				s.CloseClientConnections()
				if _, err := c.Do(t.Context(), call); err != nil {
					t.Fatal(err)
				}
			}
			if strings.Contains(j.String(), `"level":"WARN"`) {
				t.Fatal(j)
			}
		})
	}
}

// A connection whose end nobody saw: the server answers the first request on it and
// resets on the second, as a load balancer does that has forgotten it.
func TestAForgottenConnectionIsReplaced(t *testing.T) {
	used := map[net.Conn]int{}
	var mu sync.Mutex
	var arrived atomic.Int32
	key := struct{ string }{"conn"}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := r.Context().Value(key).(net.Conn)
		mu.Lock()
		used[conn]++
		n := used[conn]
		mu.Unlock()
		if n > 1 {
			reset(w, r)
			return
		}
		arrived.Add(1)
		ok(w, r)
	}))
	s.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, key, c) }
	s.Start()
	defer s.Close()
	c := ours(t, s.URL, func(c *Config) { c.MaxAttempts = 1 })
	for range 5 {
		if _, _, err := c.Bulk(t.Context(), []byte("{}\n")); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(t.Context(), rolloverCall); err != nil {
			t.Fatal(err)
		}
	}
	if arrived.Load() != 10 {
		t.Fatalf("%d calls were answered, want 10", arrived.Load())
	}
}

func TestConnectionsAreKeptAndBounded(t *testing.T) {
	var opened atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Millisecond)
		status(404, `{"error":{"type":"index_not_found_exception"}}`)(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	c := ours(t, s.URL, func(c *Config) { c.Connections = 8 })
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			for range 5 {
				_, err := c.Do(t.Context(), searchCall) // an error's body is drained too
				if fault.KindOf(err) != fault.NotFound {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := opened.Load(); n > 8 {
		t.Fatalf("%d connections were opened for 500 calls, want 8", n)
	}
}

func TestEveryTimeoutIsSet(t *testing.T) {
	w := newWire(Config{}.withDefaults())
	for _, tr := range []*http.Transport{w.pooled, w.fresh} {
		if tr.TLSHandshakeTimeout == 0 || tr.ResponseHeaderTimeout == 0 || tr.IdleConnTimeout == 0 || tr.MaxConnsPerHost == 0 {
			t.Fatalf("%+v", tr)
		}
	}
}

func TestAServerThatDoesNotFinishTheHandshakeIsGivenUp(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	c := ours(t, "https://"+l.Addr().String(), func(c *Config) { c.TLSTimeout, c.MaxAttempts = 20*time.Millisecond, 1 })
	_, err = c.Do(ctx, searchCall)
	wantKind(t, err, fault.Timeout)
	if ctx.Err() != nil {
		t.Fatal("only its context ended it")
	}
}

func TestAnUntrustedCertificateIsNotTriedAgain(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(ok))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	defer s.Close()
	j := &journal{}
	_, err := made(t, s.URL, j.deps()).Do(t.Context(), searchCall)
	wantKind(t, err, fault.Unavailable)
	if !strings.Contains(j.String(), `"attempts":1`) {
		t.Fatal(j)
	}
}

func TestOneClientServesManyAtOnce(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status(200, fmt.Sprintf(`{"path":%q}`, r.URL.Path))(w, r)
	}))
	defer s.Close()
	c := ours(t, s.URL, func(c *Config) { c.CompressAbove = 1 })
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			id := fmt.Sprintf("id-%d", i)
			reply, err := c.Get(t.Context(), "logs", id)
			if err != nil || !strings.Contains(string(reply.Body), id+`"`) {
				t.Errorf("%s: %v %s", id, err, reply.Body)
			}
			if _, _, err := c.Bulk(t.Context(), []byte(strings.Repeat("{}\n", i+1))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestRepliesOfUnknownLengthKeepTheirOwnBytes(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		text := strings.Repeat(r.URL.Path, 1+int(r.URL.Path[len(r.URL.Path)-1])*700) // of 500 kB to 1.3 MB, around what is kept
		_, _ = fmt.Fprintf(w, `{"path":"%s`, text)
		w.(http.Flusher).Flush() // so that there is no Content-Length
		_, _ = io.WriteString(w, `"}`)
	}))
	defer s.Close()
	c := ours(t, s.URL)
	var replies [2][]Reply
	for round := range replies {
		for id := range 10 {
			reply, err := c.Get(t.Context(), "logs", fmt.Sprint("a-document-", id))
			if err != nil {
				t.Fatal(err)
			}
			replies[round] = append(replies[round], reply)
		}
	}
	for id, one := range replies[0] {
		want := fmt.Sprint("/logs/_doc/a-document-", id)
		if n := strings.Count(string(one.Body), want); n != 1+(48+id)*700 || !bytes.Equal(one.Body, replies[1][id].Body) {
			t.Errorf("%s: %d times %.80s", want, n, one.Body)
		}
	}
}
