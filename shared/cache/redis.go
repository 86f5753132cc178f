package cache

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
)

// prefix of all keys of ours; its number changes with what they hold.
const prefix = "sluice:1:"

const (
	failures = 3               // in a row, and it is left alone
	silence  = 5 * time.Second // for so long
	idle     = 55 * time.Second
)

// Redis is a Store that environments share, and the signals of their breakers. Each
// question ends within the timeout; after a few failures it is not asked for a while.
type Redis struct {
	cfg     Config
	deps    Deps
	address string
	host    string
	tls     *tls.Config // nil: plain
	user    *url.Userinfo

	mu     sync.Mutex
	nodes  map[string]*redis.Pool
	slots  map[uint16]string // of a cluster, as far as it has told
	failed int
	until  time.Time // not asked before
	secret *credentials
}

var errSilent = errors.New("Redis is left alone after failures")

func newRedis(cfg Config, deps Deps) *Redis {
	u, _ := url.Parse(cfg.RedisURL) // Validate has
	r := &Redis{cfg: cfg, deps: deps, host: u.Hostname(), user: u.User, nodes: map[string]*redis.Pool{}, slots: map[uint16]string{}}
	port := u.Port()
	if port == "" {
		port = "6379"
	}
	r.address = net.JoinHostPort(r.host, port)
	if u.Scheme == "rediss" {
		r.tls = &tls.Config{ServerName: r.host, MinVersion: tls.VersionTLS12}
	}
	if r.deps.Logger == nil {
		r.deps.Logger = slog.New(slog.DiscardHandler)
	}
	return r
}

// Get implements Store. What was not stored by us under this very key is nothing.
func (r *Redis) Get(ctx context.Context, key Key) (Answer, bool) {
	value, err := redis.Bytes(r.do(ctx, name(key), "GET"))
	if err != nil {
		return Answer{}, false
	}
	a, err := unseal([]byte(r.cfg.Key), key, value)
	if err != nil {
		r.deps.Logger.WarnContext(ctx, "cached value refused", "error", err.Error())
	}
	return a, err == nil
}

// Put implements Store.
func (r *Redis) Put(ctx context.Context, key Key, a Answer, keep time.Duration) {
	value := seal([]byte(r.cfg.Key), key, a)
	if len(value) > r.cfg.RedisValue || keep < time.Millisecond {
		return
	}
	_, _ = r.do(ctx, name(key), "SET", value, "PX", keep.Milliseconds()) // told in the log
}

func name(key Key) string { return prefix + base64.RawURLEncoding.EncodeToString(key[:]) }

// Left is how long a signal of this name still stands, zero if there is none.
func (r *Redis) Left(ctx context.Context, signal string) (time.Duration, error) {
	ms, err := redis.Int64(r.do(ctx, prefix+signal, "PTTL"))
	return time.Duration(max(ms, 0)) * time.Millisecond, err
}

// Raise makes a signal stand, and says whether it did not stand before.
func (r *Redis) Raise(ctx context.Context, signal string, keep time.Duration) (bool, error) {
	reply, err := r.do(ctx, prefix+signal, "SET", "1", "NX", "PX", max(keep.Milliseconds(), 1))
	return reply != nil, err
}

// Renew makes a signal stand for so long from now, whether it stood or not.
func (r *Redis) Renew(ctx context.Context, signal string, keep time.Duration) error {
	_, err := r.do(ctx, prefix+signal, "SET", "1", "PX", max(keep.Milliseconds(), 1))
	return err
}

// Lower ends a signal.
func (r *Redis) Lower(ctx context.Context, signal string) error {
	_, err := r.do(ctx, prefix+signal, "DEL")
	return err
}

// do sends a command about one key, to where the cluster has it, and again where a
// connection had died unnoticed.
func (r *Redis) do(ctx context.Context, key, command string, args ...any) (any, error) {
	if !r.speaks() {
		return nil, errSilent
	}
	limit := r.deps.Now().Add(r.cfg.RedisTimeout)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(limit) {
		limit = deadline
	}
	var reply any
	var err error
	for again := range 3 {
		node := r.node(key)
		reply, err = r.once(ctx, node, limit, command, append([]any{key}, args...))
		answer, answered := errors.AsType[redis.Error](err)
		if err == nil || answered && !r.moved(key, string(answer)) {
			break
		}
		if !answered {
			r.forget(node)
		}
		if !answered && again > 0 || !r.deps.Now().Before(limit) {
			break
		}
	}
	r.note(ctx, err)
	return reply, err
}

func (r *Redis) once(ctx context.Context, node string, limit time.Time, command string, args []any) (any, error) {
	left := limit.Sub(r.deps.Now())
	if left <= 0 || ctx.Err() != nil {
		return nil, context.DeadlineExceeded
	}
	dialing, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	conn, err := r.pool(node).GetContext(dialing)
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck // it goes back to its pool
	if left = limit.Sub(r.deps.Now()); left <= 0 {
		return nil, context.DeadlineExceeded
	}
	return redis.DoWithTimeout(conn, left, command, args...)
}

// speaks says whether Redis is to be asked.
func (r *Redis) speaks() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.deps.Now().Before(r.until)
}

// note counts failures in a row; what Redis answers is none, but for a refusal of ourselves.
func (r *Redis) note(ctx context.Context, err error) {
	_, answered := errors.AsType[redis.Error](err)
	if ctx.Err() != nil { // the asker's end
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil || answered && !errors.Is(err, errRefused) {
		r.failed = 0
	} else if r.failed++; r.failed >= failures {
		r.failed = failures - 1 // the next one is a trial
		r.until = r.deps.Now().Add(silence)
		r.deps.Logger.WarnContext(ctx, "Redis is left alone for a while", "error", err.Error())
		return
	}
	if answered && !errors.Is(err, errRefused) {
		r.deps.Logger.WarnContext(ctx, "Redis refused a command", "error", err.Error())
	}
}
