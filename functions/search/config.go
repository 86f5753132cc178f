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
	// Keys that sign cursors, 16 characters or more each, separated by commas: the first
	// signs, the others have signed before and are still believed. Required.
	CursorKey string `env:"SEARCH_CURSOR_KEY"`
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
	return errors.Join(mistakes...)
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
