package client

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Ways to authenticate: the values of OPENSEARCH_AUTH.
const (
	AuthNone  = "none"
	AuthBasic = "basic"
	AuthES    = "es"
	AuthAOSS  = "aoss"
)

// Config is the client's part of the environment. Zero means the default.
type Config struct {
	// URL of the domain, cluster or collection: http or https. A path is kept as prefix. Required.
	URL string `env:"OPENSEARCH_URL"`
	// Auth: none, basic (user and password), es or aoss (SigV4 for a domain or a Serverless collection). Default none.
	Auth string `env:"OPENSEARCH_AUTH" envDefault:"none"`
	// SecretARN of a Secrets Manager secret {"username": ..., "password": ...}: with basic. Empty: user and password stand in the URL.
	SecretARN string `env:"OPENSEARCH_SECRET_ARN"`

	// DialTimeout bounds the TCP connect. Default 2s.
	DialTimeout time.Duration `env:"OPENSEARCH_DIAL_TIMEOUT" envDefault:"2s"`
	// TLSTimeout bounds the TLS handshake. Default 3s.
	TLSTimeout time.Duration `env:"OPENSEARCH_TLS_TIMEOUT" envDefault:"3s"`
	// HeaderTimeout bounds the wait for a reply's first byte once the request is sent. Default 20s.
	HeaderTimeout time.Duration `env:"OPENSEARCH_HEADER_TIMEOUT" envDefault:"20s"`
	// RequestTimeout bounds one attempt as a whole, and the longest wait between two. Default 25s.
	RequestTimeout time.Duration `env:"OPENSEARCH_REQUEST_TIMEOUT" envDefault:"25s"`
	// Reserve is kept free before the invocation's deadline: no attempt lasts into it. Default 300ms.
	Reserve time.Duration `env:"OPENSEARCH_RESERVE" envDefault:"300ms"`
	// IdleTimeout closes unused connections, by the wall clock, so that a thawed environment does not
	// use one that a load balancer (60s) gave up meanwhile. Default 55s.
	IdleTimeout time.Duration `env:"OPENSEARCH_IDLE_TIMEOUT" envDefault:"55s"`
	// Connections at most, open or idle, in one environment. Default 32.
	Connections int `env:"OPENSEARCH_CONNECTIONS" envDefault:"32"`

	// Attempts of one call at most, the first included. 1: never again. Default 4.
	MaxAttempts int `env:"OPENSEARCH_MAX_ATTEMPTS" envDefault:"4"`
	// BackoffBase: the wait before attempt n+1 is random below BackoffBase * 2^(n-1). Default 100ms.
	BackoffBase time.Duration `env:"OPENSEARCH_BACKOFF_BASE" envDefault:"100ms"`
	// The longest of these waits. Default 5s.
	BackoffMax time.Duration `env:"OPENSEARCH_BACKOFF_MAX" envDefault:"5s"`

	// Retry budget: of a hundred calls so many may be sent again, and three at once at most where few were made before; what
	// is over it fails at once, so that a cluster in trouble is not asked twice as much. 0 or 100: all may. Search's default: 10.
	RetryBudget int `env:"OPENSEARCH_RETRY_BUDGET" envDefault:"0"`

	// BreakerFailures: attempts failed in a row (no answer, 502, 503, 504) that open the circuit breaker. Default 5.
	BreakerFailures int `env:"OPENSEARCH_BREAKER_FAILURES" envDefault:"5"`
	// BreakerOpen: how long it fails fast before one call may try. Default 5s.
	BreakerOpen time.Duration `env:"OPENSEARCH_BREAKER_OPEN" envDefault:"5s"`

	// CompressAbove: request bodies over this many bytes are sent gzipped. -1: never.
	// Default 0: 8192 with basic and es, never with none and aoss.
	CompressAbove int `env:"OPENSEARCH_COMPRESS_ABOVE" envDefault:"0"`
	// MaxReplyBytes: a longer reply is not read. Default 67108864.
	MaxReplyBytes int64 `env:"OPENSEARCH_MAX_REPLY_BYTES" envDefault:"67108864"`
}

// Validate returns every mistake.
func (c Config) Validate() error {
	mistakes := []error{c.validateURL(), c.validateAuth()}
	for _, number := range []struct {
		name         string
		value, least int64
	}{
		{"OPENSEARCH_DIAL_TIMEOUT", int64(c.DialTimeout), 0},
		{"OPENSEARCH_TLS_TIMEOUT", int64(c.TLSTimeout), 0},
		{"OPENSEARCH_HEADER_TIMEOUT", int64(c.HeaderTimeout), 0},
		{"OPENSEARCH_REQUEST_TIMEOUT", int64(c.RequestTimeout), 0},
		{"OPENSEARCH_RESERVE", int64(c.Reserve), 0},
		{"OPENSEARCH_IDLE_TIMEOUT", int64(c.IdleTimeout), 0},
		{"OPENSEARCH_CONNECTIONS", int64(c.Connections), 0},
		{"OPENSEARCH_MAX_ATTEMPTS", int64(c.MaxAttempts), 0},
		{"OPENSEARCH_RETRY_BUDGET", int64(c.RetryBudget), 0},
		{"OPENSEARCH_BACKOFF_BASE", int64(c.BackoffBase), 0},
		{"OPENSEARCH_BACKOFF_MAX", int64(c.BackoffMax), 0},
		{"OPENSEARCH_BREAKER_FAILURES", int64(c.BreakerFailures), 0},
		{"OPENSEARCH_BREAKER_OPEN", int64(c.BreakerOpen), 0},
		{"OPENSEARCH_COMPRESS_ABOVE", int64(c.CompressAbove), -1},
		{"OPENSEARCH_MAX_REPLY_BYTES", c.MaxReplyBytes, 0},
	} {
		if number.value < number.least {
			mistakes = append(mistakes, fmt.Errorf("%s is negative: give a positive value, or none for the default", number.name))
		}
	}
	return errors.Join(mistakes...)
}

// Cluster is which cluster this is: its URL, without a login.
func (c Config) Cluster() string {
	u, err := url.Parse(c.URL)
	if err != nil { // Validate says so
		return ""
	}
	u.User = nil
	return strings.TrimSuffix(u.String(), "/")
}

func (c Config) validateURL() error {
	if c.URL == "" {
		return errors.New("OPENSEARCH_URL is missing: give the endpoint, e.g. https://search-x.eu-west-1.es.amazonaws.com")
	}
	u, err := url.Parse(c.URL)
	if err != nil { // its text would quote a password
		return errors.New("OPENSEARCH_URL is not a URL")
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return fmt.Errorf("OPENSEARCH_URL is %q: it must be http://host or https://host", u.Redacted())
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("OPENSEARCH_URL is %q: it must have no query and no fragment", u.Redacted())
	case u.User != nil && c.Auth != AuthBasic:
		return errors.New("OPENSEARCH_URL holds a user: that needs OPENSEARCH_AUTH=basic")
	}
	return nil
}

func (c Config) validateAuth() error {
	switch c.Auth {
	case AuthBasic:
		u, err := url.Parse(c.URL)
		inURL := err == nil && u.User != nil
		if (c.SecretARN == "") == !inURL {
			return errors.New("OPENSEARCH_AUTH=basic needs either OPENSEARCH_SECRET_ARN or a user in OPENSEARCH_URL")
		}
		return nil
	case "", AuthNone, AuthES, AuthAOSS:
		if c.SecretARN != "" {
			return errors.New("OPENSEARCH_SECRET_ARN is used with OPENSEARCH_AUTH=basic only")
		}
		return nil
	}
	return fmt.Errorf("OPENSEARCH_AUTH is %q: it must be none, basic, es or aoss", c.Auth)
}

func (c Config) signs() bool { return c.Auth == AuthES || c.Auth == AuthAOSS }

func (c Config) withDefaults() Config {
	c.Auth = either(c.Auth, AuthNone)
	c.DialTimeout = either(c.DialTimeout, 2*time.Second)
	c.TLSTimeout = either(c.TLSTimeout, 3*time.Second)
	c.HeaderTimeout = either(c.HeaderTimeout, 20*time.Second)
	c.RequestTimeout = either(c.RequestTimeout, 25*time.Second)
	c.Reserve = either(c.Reserve, 300*time.Millisecond)
	c.IdleTimeout = either(c.IdleTimeout, 55*time.Second)
	c.Connections = either(c.Connections, 32)
	c.MaxAttempts = either(c.MaxAttempts, 4)
	c.BackoffBase = either(c.BackoffBase, 100*time.Millisecond)
	c.BackoffMax = either(c.BackoffMax, 5*time.Second)
	c.BreakerFailures = either(c.BreakerFailures, 5)
	c.BreakerOpen = either(c.BreakerOpen, 5*time.Second)
	c.MaxReplyBytes = either(c.MaxReplyBytes, 64<<20)
	if c.CompressAbove == 0 && (c.Auth == AuthBasic || c.Auth == AuthES) {
		c.CompressAbove = 8192
	}
	return c
}

func either[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
