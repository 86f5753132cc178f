package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/sluice-dev/sluice/shared/fault"
)

// Secrets fetches a secret's text by ARN.
type Secrets interface {
	Secret(ctx context.Context, arn string) (string, error)
}

var errCredentials = errors.New("no credentials")

// authorize is the layer that cfg.Auth asks for.
func authorize(cfg Config, deps Deps, user *url.Userinfo, next http.RoundTripper) http.RoundTripper {
	switch {
	case cfg.signs():
		return newSigned(cfg.Auth, deps, next)
	case user != nil:
		password, _ := user.Password()
		return basic{next, fixed{login{user.Username(), password}}}
	case cfg.Auth == AuthBasic:
		return basic{next, &secretLogin{arn: cfg.SecretARN, secrets: deps.Secrets, now: deps.Now, timeout: cfg.RequestTimeout}}
	}
	return next
}

type login struct{ Username, Password string }

// logins gives the login; renew is asked when OpenSearch refused stale, and says whether there is another.
type logins interface {
	get(ctx context.Context) (login, error)
	renew(ctx context.Context, stale login) (login, bool)
}

type fixed struct{ login }

func (f fixed) get(context.Context) (login, error)         { return f.login, nil }
func (f fixed) renew(context.Context, login) (login, bool) { return login{}, false }

// basic authenticates by user and password. A 401 asks for the secret again, once: it may have been rotated.
type basic struct {
	next   http.RoundTripper
	logins logins
}

func (b basic) RoundTrip(req *http.Request) (*http.Response, error) {
	who, err := b.logins.get(req.Context())
	if err != nil {
		return nil, err
	}
	res, err := b.send(req, who)
	if err != nil || res.StatusCode != http.StatusUnauthorized {
		return res, err
	}
	fresh, ok := b.logins.renew(req.Context(), who)
	if !ok {
		return res, nil
	}
	return b.send(req, fresh)
}

func (b basic) send(req *http.Request, who login) (*http.Response, error) {
	req, err := again(req)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(who.Username, who.Password)
	return b.next.RoundTrip(req)
}

// again is req with a body of its own, from its beginning.
func again(req *http.Request) (*http.Request, error) {
	req = req.Clone(req.Context())
	if req.GetBody == nil {
		return req, nil
	}
	var err error
	req.Body, err = req.GetBody()
	return req, err
}

// renewal is how often a refused login makes us ask for the secret again: a wrong one
// must not turn every call into a call of Secrets Manager.
const renewal = 5 * time.Second

// secretLogin fetches the secret when it is first needed, for all that wait. A failure is
// not remembered: the next call asks again.
type secretLogin struct {
	arn     string
	secrets Secrets
	now     func() time.Time
	timeout time.Duration

	flight  singleflight.Group
	mu      sync.Mutex
	known   *login
	renewed time.Time
}

func (s *secretLogin) get(ctx context.Context) (login, error) {
	s.mu.Lock()
	known := s.known
	s.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	return s.fetch(ctx)
}

func (s *secretLogin) renew(ctx context.Context, stale login) (login, bool) {
	s.mu.Lock()
	if s.known != nil && *s.known != stale { // another call has renewed it
		defer s.mu.Unlock()
		return *s.known, true
	}
	if s.now().Sub(s.renewed) < renewal {
		s.mu.Unlock()
		return login{}, false
	}
	s.mu.Unlock()
	fresh, err := s.fetch(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewed = s.now()
	return fresh, err == nil && fresh != stale
}

// fetch outlives the call that began it, for the others that wait.
func (s *secretLogin) fetch(ctx context.Context) (login, error) {
	result := s.flight.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
		defer cancel()
		return s.load(ctx)
	})
	select {
	case <-ctx.Done():
		return login{}, ctx.Err()
	case r := <-result:
		if r.Err != nil {
			return login{}, fault.Wrap(fault.Unavailable, "OpenSearch's credentials cannot be fetched", fmt.Errorf("%w: %w", errCredentials, r.Err))
		}
		return r.Val.(login), nil
	}
}

func (s *secretLogin) load(ctx context.Context) (login, error) {
	text, err := s.secrets.Secret(ctx, s.arn)
	if err != nil {
		return login{}, err
	}
	var who login
	if json.Unmarshal([]byte(text), &who) != nil || who.Username == "" || who.Password == "" {
		return login{}, fmt.Errorf(`secret %s is not {"username": ..., "password": ...}`, s.arn)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = &who
	return who, nil
}
