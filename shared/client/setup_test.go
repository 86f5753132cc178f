package client

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"

	"testing"
	"time"

	"github.com/opensearch-project/opensearch-go/v2"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

// script serves each request by the next of its steps, and the last one for ever.
type script struct {
	*httptest.Server
	mu       sync.Mutex
	requests []seen
	steps    []step
}

type step func(w http.ResponseWriter, r *http.Request)

// seen is a request as it came.
type seen struct {
	method, uri string
	from        string // the connection
	header      http.Header
	body        []byte
}

func serve(t *testing.T, steps ...step) *script {
	t.Helper()
	s := &script{steps: steps}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.requests = append(s.requests, seen{r.Method, r.RequestURI, r.RemoteAddr, r.Header.Clone(), body})
	next := s.steps[min(len(s.requests), len(s.steps))-1]
	s.mu.Unlock()
	next(w, r)
}

func (s *script) seen() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.requests...)
}

func (s *script) count() int { return len(s.seen()) }

func status(code int, body string, headers ...string) step {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

var ok = status(200, `{"ok":true}`)

// raw answers with bytes of our own making, then closes.
func raw(reply string) step {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, reply)
		_ = conn.Close()
	}
}

// hangup closes without an answer, reset breaks the connection off.
var hangup = raw("")

func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// hang answers when the client has gone.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// journal is a log and a metrics stream to look into.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func (j *journal) deps() Deps {
	return Deps{
		Logger:  slog.New(slog.NewJSONHandler(j, nil)),
		Metrics: telemetry.New(j, telemetry.Config{Namespace: "Sluice"}, "ingest", time.Now),
		Now:     time.Now,
	}
}

// quick is a Config without long waits.
func quick(url string) Config {
	return Config{URL: url, BackoffBase: time.Millisecond, BackoffMax: 2 * time.Millisecond, Reserve: time.Millisecond, BreakerFailures: 1000}
}

func ours(t *testing.T, url string, change ...func(*Config)) *Client {
	t.Helper()
	return made(t, url, (&journal{}).deps(), change...)
}

func made(t *testing.T, url string, deps Deps, change ...func(*Config)) *Client {
	t.Helper()
	cfg := quick(url)
	for _, c := range change {
		c(&cfg)
	}
	c, err := New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// plain is opensearch-go as it comes.
func plain(t *testing.T, url string, change ...func(*opensearch.Config)) *opensearch.Client {
	t.Helper()
	cfg := opensearch.Config{Addresses: []string{url}}
	for _, c := range change {
		c(&cfg)
	}
	c, err := opensearch.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", want)
	}
	if got := fault.KindOf(err); got != want {
		t.Fatalf("kind %s, want %s: %v", got, want, err)
	}
}

func wantRequests(t *testing.T, s *script, want int) {
	t.Helper()
	if got := s.count(); got != want {
		t.Fatalf("%d requests arrived, want %d", got, want)
	}
}

var (
	searchCall   = Call{Operation: "search", Method: "POST", Path: []string{"logs-2026-05-17", "_search"}, Body: []byte(`{"size":1}`), Idempotent: true}
	rolloverCall = Call{Operation: "rollover", Method: "POST", Path: []string{"logs", "_rollover"}, Body: []byte(`{}`)}
)

// refused is an address that nothing listens at.
func refused(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}
