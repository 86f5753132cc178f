package main

import (
	"cmp"
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
	// Keys that sign cursors and make them unreadable, 16 characters or more each, separated by
	// commas: the first signs, the others have signed before and are still believed. Required.
	CursorKey string `env:"SEARCH_CURSOR_KEY"`
	// S3 bucket of exports that are jobs. Empty: there are none, and an export is as many
	// answers as it takes.
	ExportBucket string `env:"EXPORT_BUCKET"`
	// URL of the SQS queue whose messages have such an export go on: a standard queue. Needed
	// with EXPORT_BUCKET.
	ExportQueueURL string `env:"EXPORT_QUEUE_URL"`
	// Bytes of one object of an export, about; as much memory is taken. Default 33554432 (32
	// MiB); zero: the default.
	ExportPartBytes int `env:"EXPORT_PART_BYTES" envDefault:"33554432"`
	// How long a link to an object of an export works; no longer than the function's own
	// credentials. Default 1h; zero: the default.
	ExportLinks time.Duration `env:"EXPORT_LINK_LIFETIME" envDefault:"1h"`
	// Wait before an export that OpenSearch or S3 has interrupted goes on; doubled each time
	// that this brings nothing, to at most 15m. Default 30s; zero: the default.
	ExportRetryWait time.Duration `env:"EXPORT_RETRY_WAIT" envDefault:"30s"`
	// Tries on end that bring nothing, after which an export is incomplete. Default 5; zero:
	// the default.
	ExportAttempts int `env:"EXPORT_ATTEMPTS" envDefault:"5"`
	// MiB that the environment has, as Lambda sets it. Default none: no limit is known.
	Memory int64 `env:"AWS_LAMBDA_FUNCTION_MEMORY_SIZE"`
	// DSN of the database of collections with rows (docs/rows.md):
	// postgres://host:5432/database?sslmode=verify-full, or for MySQL and MariaDB
	// tcp(host:3306)/database?tls=true. Empty: there are none; with a collection that has rows,
	// the function does not start.
	RowsDSN string `env:"ROWS_DSN"`
	// ARN of a secret {"username", "password"} for ROWS_DSN. Empty: those in ROWS_DSN.
	RowsSecretARN string `env:"ROWS_SECRET_ARN"`
	// How long the database may work on one search; never more than half of what is left
	// of the invocation. Default 2s; zero: the default.
	RowsTimeout time.Duration `env:"ROWS_TIMEOUT" envDefault:"2s"`
}

// Validate reports every mistake.
func (c Config) Validate() error {
	var mistakes []error
	if strings.HasSuffix(c.QueueURL, ".fifo") {
		mistakes = append(mistakes, errors.New("INGEST_QUEUE_URL is a FIFO queue: give a standard queue"))
	}
	for _, key := range c.cursorKeys() {
		if len(key) < 16 {
			mistakes = append(mistakes, errors.New("SEARCH_CURSOR_KEY is missing or shorter than 16 characters: give random text, such as openssl rand -hex 32 writes"))
			break
		}
	}
	if c.Timeout < 0 {
		mistakes = append(mistakes, errors.New("SEARCH_TIMEOUT is negative: give a duration such as 5s"))
	}
	if (c.ExportBucket == "") != (c.ExportQueueURL == "") || strings.HasSuffix(c.ExportQueueURL, ".fifo") {
		mistakes = append(mistakes, errors.New("EXPORT_BUCKET and EXPORT_QUEUE_URL, a standard queue, belong together: give both or neither"))
	}
	if c.ExportPartBytes < 0 || c.ExportPartBytes > 1<<30 || c.ExportAttempts < 0 {
		mistakes = append(mistakes, errors.New("EXPORT_PART_BYTES is not between 1 and 1073741824, or EXPORT_ATTEMPTS is negative"))
	}
	if c.ExportLinks < 0 || c.ExportLinks > 7*24*time.Hour || c.ExportRetryWait < 0 || c.ExportRetryWait > longestWait {
		mistakes = append(mistakes, errors.New("EXPORT_LINK_LIFETIME is not between 1s and 168h, or EXPORT_RETRY_WAIT not between 1s and 15m"))
	}
	if c.RowsTimeout < 0 {
		mistakes = append(mistakes, errors.New("ROWS_TIMEOUT is negative: give a duration such as 2s"))
	}
	return errors.Join(mistakes...)
}

func (c Config) partBytes() int { return cmp.Or(c.ExportPartBytes, 32<<20) }

func (c Config) linkLifetime() time.Duration { return cmp.Or(c.ExportLinks, time.Hour) }

func (c Config) retryWait() time.Duration { return cmp.Or(c.ExportRetryWait, 30*time.Second) }

func (c Config) attempts() int { return cmp.Or(c.ExportAttempts, 5) }

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

func (c Config) cursorKeys() (keys [][]byte) {
	for key := range strings.SplitSeq(c.CursorKey, ",") {
		keys = append(keys, []byte(strings.TrimSpace(key)))
	}
	return keys
}
