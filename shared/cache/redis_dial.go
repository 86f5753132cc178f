package cache

import (
	"context"
	"encoding/json"
	"errors"
	"net"

	"github.com/gomodule/redigo/redis"
)

type credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// pool has the connections to a node. An environment answers one request at a time: more
// than a few connections are for tests and for Lambda's managed instances.
func (r *Redis) pool(node string) *redis.Pool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.nodes[node]
	if !ok {
		p = &redis.Pool{MaxIdle: 8, IdleTimeout: idle, DialContext: func(ctx context.Context) (redis.Conn, error) { return r.dial(ctx, node) }}
		r.nodes[node] = p
	}
	return p
}

func (r *Redis) dial(ctx context.Context, node string) (redis.Conn, error) {
	who, err := r.credentials(ctx)
	if err != nil {
		return nil, err
	}
	options := []redis.DialOption{redis.DialWriteTimeout(r.cfg.RedisTimeout), redis.DialReadTimeout(r.cfg.RedisTimeout), redis.DialTLSHandshakeTimeout(r.cfg.RedisTimeout)}
	if who.Username != "" {
		options = append(options, redis.DialUsername(who.Username))
	}
	if who.Password != "" {
		options = append(options, redis.DialPassword(who.Password))
	}
	if r.tls != nil {
		c := r.tls.Clone()
		if host, _, _ := net.SplitHostPort(node); net.ParseIP(host) == nil { // certificates are of names
			c.ServerName = host
		}
		options = append(options, redis.DialUseTLS(true), redis.DialTLSConfig(c))
	}
	conn, err := redis.DialContext(ctx, "tcp", node, options...)
	if _, refused := errors.AsType[redis.Error](err); refused {
		r.mu.Lock()
		r.secret = nil // it may have been rotated
		r.mu.Unlock()
		err = errors.Join(errRefused, err) // an answer to AUTH, not to a command
	}
	return conn, err
}

var errRefused = errors.New("Redis does not let us in")

func (r *Redis) credentials(ctx context.Context) (credentials, error) {
	if r.cfg.RedisSecretARN == "" {
		password, _ := r.user.Password()
		return credentials{r.user.Username(), password}, nil
	}
	r.mu.Lock()
	known := r.secret
	r.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	text, err := r.deps.Secrets.Secret(ctx, r.cfg.RedisSecretARN)
	if err != nil {
		return credentials{}, err
	}
	var c credentials
	if json.Unmarshal([]byte(text), &c) != nil || c.Password == "" {
		c = credentials{Password: text}
	}
	r.mu.Lock()
	r.secret = &c
	r.mu.Unlock()
	return c, nil
}
