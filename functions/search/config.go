package main

import (
	"errors"
	"runtime/debug"
	"strings"
	"time"
)

// Config is search's own part of the environment.
type Config struct {
	// URL of the SQS queue that takes documents posted over HTTP: a standard queue. Empty:
	// posting documents is answered 503.
	QueueURL string `env:"INGEST_QUEUE_URL"`
	// How long OpenSearch may work on one search; less where the invocation ends sooner.
	// Default 5s; zero: the default.
	Timeout time.Duration `env:"SEARCH_TIMEOUT" envDefault:"5s"`
	// Key that signs page cursors, any text. Empty: cursors are bound to their search, but
	// whoever knows how can make one; they give no access that a search does not give.
	CursorKey string `env:"SEARCH_CURSOR_KEY"`
	// MiB that the environment has, as Lambda sets it. Default none: no limit is known.
	Memory int64 `env:"AWS_LAMBDA_FUNCTION_MEMORY_SIZE"`
}

// Validate reports every mistake.
func (c Config) Validate() error {
	var mistakes []error
	if strings.HasSuffix(c.QueueURL, ".fifo") {
		mistakes = append(mistakes, errors.New("INGEST_QUEUE_URL is a FIFO queue: give a standard queue"))
	}
	if c.Timeout < 0 {
		mistakes = append(mistakes, errors.New("SEARCH_TIMEOUT is negative: give a duration such as 5s"))
	}
	return errors.Join(mistakes...)
}

// spareCollections has garbage collected four times less often than Go's default, which
// is a quarter of the CPU of a search, and as often as needed where memory is short.
func (c Config) spareCollections() {
	debug.SetGCPercent(400)
	if c.Memory > 0 {
		debug.SetMemoryLimit(c.Memory << 20 * 3 / 4)
	}
}

func (c Config) timeout() time.Duration {
	if c.Timeout == 0 {
		return 5 * time.Second
	}
	return c.Timeout
}
