package main

import (
	"errors"
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
	// DSN of the database of collections with rows (docs/rows.md):
	// postgres://host:5432/database?sslmode=verify-full, or for MySQL and MariaDB
	// tcp(host:3306)/database?tls=true. Empty: there are none.
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
	if c.Timeout < 0 {
		mistakes = append(mistakes, errors.New("SEARCH_TIMEOUT is negative: give a duration such as 5s"))
	}
	if c.RowsTimeout < 0 {
		mistakes = append(mistakes, errors.New("ROWS_TIMEOUT is negative: give a duration such as 2s"))
	}
	return errors.Join(mistakes...)
}

func (c Config) timeout() time.Duration {
	if c.Timeout == 0 {
		return 5 * time.Second
	}
	return c.Timeout
}
