package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"
)

// Config is the cache's part of the environment. What is kept, and for how long, is each
// collection's own: search.cache in its YAML.
type Config struct {
	// Bytes of answers that one environment keeps in its memory. Default 33554432; zero: none.
	Bytes int64 `env:"CACHE_BYTES" envDefault:"33554432"`
	// RedisURL of a Redis or Valkey (ElastiCache too, its configuration endpoint in cluster mode) that all environments share: redis://host:6379, or rediss:// with TLS. Default none.
	RedisURL string `env:"CACHE_REDIS_URL"`
	// RedisSecretARN of a Secrets Manager secret: {"username": ..., "password": ...}, or a password (an AUTH token) alone. Empty: user and password stand in the URL, or there are none.
	RedisSecretARN string `env:"CACHE_REDIS_SECRET_ARN"`
	// RedisTimeout bounds one question to Redis, and one connect. Default 100ms.
	RedisTimeout time.Duration `env:"CACHE_REDIS_TIMEOUT" envDefault:"100ms"`
	// RedisValue is the most bytes of one value in Redis, compressed. Default 1048576.
	RedisValue int `env:"CACHE_REDIS_VALUE_BYTES" envDefault:"1048576"`
	// Key that values in Redis are sealed with, any text: who can write to Redis but has not the key can plant no answer. Default none: values are bound to their question, but whoever knows how can make one.
	Key string `env:"CACHE_KEY"`
}

// Validate reports every mistake.
func (c Config) Validate() error {
	var mistakes []error
	if c.Bytes < 0 || c.RedisValue < 0 || c.RedisTimeout < 0 {
		mistakes = append(mistakes, errors.New("CACHE_BYTES, CACHE_REDIS_VALUE_BYTES and CACHE_REDIS_TIMEOUT must not be negative"))
	}
	if c.RedisURL == "" {
		return errors.Join(mistakes...)
	}
	u, err := url.Parse(c.RedisURL)
	switch { // its text would quote a password
	case err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Hostname() == "" || len(u.Path) > 1 || u.RawQuery != "":
		mistakes = append(mistakes, errors.New("CACHE_REDIS_URL is not a Redis address: write redis://host:6379, or rediss://host:6379 for TLS"))
	case u.User != nil && c.RedisSecretARN != "":
		mistakes = append(mistakes, errors.New("CACHE_REDIS_URL holds a password, and CACHE_REDIS_SECRET_ARN is given: leave one of them out"))
	}
	return errors.Join(mistakes...)
}

// Secrets fetches a secret's text.
type Secrets interface {
	Secret(ctx context.Context, arn string) (string, error)
}

// Deps is what Redis is given rather than makes.
type Deps struct {
	Logger  *slog.Logger
	Secrets Secrets // needed with RedisSecretARN
	Now     func() time.Time
}

// Open is the cache that cfg describes, and its Redis, nil without one. It touches neither network nor secret.
func Open(cfg Config, deps Deps) (*Cache, *Redis, error) {
	if err := cfg.Validate(); err != nil {
		return nil, nil, err
	}
	var stores []Store
	if cfg.Bytes > 0 {
		stores = append(stores, NewMemory(cfg.Bytes))
	}
	if cfg.RedisURL == "" {
		return New(deps.Now, stores...), nil, nil
	}
	if cfg.RedisSecretARN != "" && deps.Secrets == nil {
		return nil, nil, fmt.Errorf("cache: CACHE_REDIS_SECRET_ARN needs Deps.Secrets")
	}
	r := newRedis(cfg, deps)
	return New(deps.Now, append(stores, r)...), r, nil
}
