package cache

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/local/part"
)

// clientOf is our client of it; change makes its settings other ones.
func clientOf(t *testing.T, r *part.Redis, change ...func(*Config)) (*Redis, *journal) {
	t.Helper()
	cfg := Config{RedisURL: r.URL, RedisTimeout: 30 * time.Second, RedisValue: 1 << 20}
	for _, c := range change {
		c(&cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	j := &journal{}
	client := newRedis(cfg, Deps{Logger: slog.New(slog.NewTextHandler(j, nil)), Now: time.Now})
	if r.Certificate != "" {
		trusted, err := os.ReadFile(r.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		client.tls.RootCAs = x509.NewCertPool()
		client.tls.RootCAs.AppendCertsFromPEM(trusted)
		client.tls.MinVersion = tls.VersionTLS12
	}
	return client, j
}

// journal is a log to look into.
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

func say(t *testing.T, r *part.Redis, command string) string {
	t.Helper()
	answer, err := r.Say(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func answer(n int) Answer {
	return Answer{Stored: time.UnixMilli(1_790_000_000_000), Took: 7 * time.Millisecond, Generation: 1<<63 + 5, Body: fmt.Appendf(nil, `{"n":%d,"text":%q}`, n, strings.Repeat("word ", 200))}
}
