package client

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

// vault is Secrets whose secret changes, and that can fail.
type vault struct {
	mu      sync.Mutex
	secret  string
	err     error
	fetches int
}

func (v *vault) Secret(context.Context, string) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fetches++
	return v.secret, v.err
}

func (v *vault) set(secret string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.secret, v.err = secret, err
}

func (v *vault) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.fetches
}

func secretOf(password string) string { return `{"username":"sluice","password":"` + password + `"}` }

// guarded lets in whoever knows password, and answers others as OpenSearch's security plugin does.
func guarded(t *testing.T, password *string) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, given, _ := r.BasicAuth()
		if user != "sluice" || given != *password {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(401)
			_, _ = w.Write([]byte("Unauthorized"))
			return
		}
		ok(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func basicAuth(t *testing.T, url string, deps Deps, v *vault) *Client {
	deps.Secrets = v
	return made(t, url, deps, func(c *Config) {
		c.Auth, c.SecretARN, c.BreakerFailures = AuthBasic, "arn:x", 3
	})
}

func TestTheSecretIsFetchedOnceForAll(t *testing.T) {
	password, v := "one", &vault{secret: secretOf("one")}
	c := basicAuth(t, guarded(t, &password).URL, (&journal{}).deps(), v)
	if v.count() != 0 {
		t.Fatal("fetched before it was needed")
	}
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if _, err := c.Do(t.Context(), searchCall); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if v.count() > 2 { // a call may ask just as the flight has landed
		t.Fatalf("fetched %d times", v.count())
	}
}

func TestAFailedFetchIsTriedAgainByTheNextCall(t *testing.T) {
	password, v := "one", &vault{err: errors.New("AccessDenied")}
	c := basicAuth(t, guarded(t, &password).URL, (&journal{}).deps(), v)
	for i := range 5 {
		_, err := c.Do(t.Context(), searchCall)
		wantKind(t, err, fault.Unavailable)
		if v.count() != i+1 {
			t.Fatalf("call %d: fetched %d times", i+1, v.count())
		}
	}
	v.set(`{"user":"x"}`, nil)
	_, err := c.Do(t.Context(), searchCall)
	wantKind(t, err, fault.Unavailable)
	v.set(secretOf("one"), nil)
	if _, err := c.Do(t.Context(), searchCall); err != nil {
		t.Fatal(err)
	}
}

func TestARotatedSecretIsFetchedAgain(t *testing.T) {
	password, v := "one", &vault{secret: secretOf("one")}
	c := basicAuth(t, guarded(t, &password).URL, (&journal{}).deps(), v)
	if _, err := c.Do(t.Context(), rolloverCall); err != nil {
		t.Fatal(err)
	}
	password = "two"
	v.set(secretOf("two"), nil)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := c.Do(t.Context(), rolloverCall); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestAWrongSecretIsNotFetchedForEveryCall(t *testing.T) {
	password, v := "one", &vault{secret: secretOf("wrong")}
	clock := time.Unix(1779000000, 0)
	deps := (&journal{}).deps()
	deps.Now = func() time.Time { return clock }
	c := basicAuth(t, guarded(t, &password).URL, deps, v)
	for range 10 {
		_, err := c.Do(t.Context(), searchCall)
		wantKind(t, err, fault.Unauthorized)
	}
	if v.count() != 2 {
		t.Fatalf("fetched %d times, want the first and one again", v.count())
	}
	clock = clock.Add(renewal)
	v.set(secretOf("one"), nil)
	if _, err := c.Do(t.Context(), searchCall); err != nil {
		t.Fatal(err)
	}
}

func TestAUserInTheURLIsUsedAndNeverShown(t *testing.T) {
	password := "pass/word"
	s := guarded(t, &password)
	j := &journal{}
	c := made(t, strings.Replace(s.URL, "://", "://sluice:pass%2Fword@", 1), j.deps(), func(c *Config) { c.Auth = AuthBasic })
	if _, err := c.Do(t.Context(), searchCall); err != nil {
		t.Fatal(err)
	}
	password = "changed"
	_, err := c.Do(t.Context(), searchCall)
	wantKind(t, err, fault.Unauthorized)
	for _, text := range []string{j.String(), err.Error(), fault.Message(err)} {
		if strings.Contains(text, "pass") {
			t.Fatal(text)
		}
	}
}
