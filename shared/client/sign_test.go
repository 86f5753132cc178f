package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/sluice-dev/sluice/shared/fault"
)

// verify signs what arrived once more, as AWS does, and wants the same signature.
func verify(t *testing.T, r *http.Request, body []byte, service string) {
	t.Helper()
	got := r.Header.Get("Authorization")
	_, list, _ := strings.Cut(got, "SignedHeaders=")
	list, _, _ = strings.Cut(list, ",")
	check, err := http.NewRequest(r.Method, "http://"+r.Host+r.RequestURI, bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return
	}
	for name := range strings.SplitSeq(list, ";") {
		if values := r.Header.Values(name); len(values) > 0 {
			check.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		t.Error(err)
	}
	sum := sha256.Sum256(body)
	keys, _ := staticKeys(t.Context())
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, check, hex.EncodeToString(sum[:]), service, "eu-west-1", at); err != nil {
		t.Error(err)
	}
	if want := check.Header.Get("Authorization"); got != want {
		t.Errorf("%s %s\n got %s\nwant %s", r.Method, r.RequestURI, got, want)
	}
}

func TestSignaturesHold(t *testing.T) {
	for _, auth := range []string{AuthES, AuthAOSS} {
		t.Run(auth, func(t *testing.T) {
			var n atomic.Int32
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				verify(t, r, body, auth)
				if n.Add(1)%2 == 1 {
					status(503, `{}`)(w, r)
					return
				}
				ok(w, r)
			}))
			defer s.Close()
			c := made(t, s.URL+"/base", signing((&journal{}).deps(), staticKeys),
				func(c *Config) { c.Auth, c.CompressAbove = auth, 100 })
			for _, id := range []string{"1", "a/b?c", "..", "100% +ü", "a,b:c@d"} {
				if _, err := c.Get(t.Context(), "logs", id); err != nil {
					t.Fatal(err)
				}
			}
			for _, size := range []int{1, 1000} { // the second is gzipped: the signature is over the bytes that leave
				if _, _, err := c.Bulk(t.Context(), bytes.Repeat([]byte("{}\n"), size)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := c.Search(t.Context(), []string{"a", "b"}, []byte(`{}`), map[string][]string{"preference": {"a b+c"}}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

const tokenExpired = `{"message":"The security token included in the request is expired"}`

func TestExpiredCredentialsAreFetchedAnewOnce(t *testing.T) {
	var fetched atomic.Int32
	keys := aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		fetched.Add(1)
		return staticKeys(ctx)
	})
	for name, c := range map[string]struct {
		steps             []step
		requests, fetches int
		kind              fault.Kind
	}{
		"a fresh token helps":          {[]step{status(403, tokenExpired), ok}, 2, 2, 0},
		"a fresh token does not help":  {[]step{status(403, tokenExpired)}, 2, 2, fault.Forbidden},
		"forbidden for another reason": {[]step{status(403, `{"message":"User: x is not authorized to perform: es:ESHttpPost"}`)}, 1, 1, fault.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			fetched.Store(0)
			s := serve(t, c.steps...)
			client := made(t, s.URL, signing((&journal{}).deps(), keys), es)
			_, err := client.Do(t.Context(), rolloverCall) // refused before it began: safe even here
			if c.kind == 0 && err != nil || c.kind != 0 && fault.KindOf(err) != c.kind {
				t.Fatal(err)
			}
			wantRequests(t, s, c.requests)
			if int(fetched.Load()) != c.fetches {
				t.Fatalf("credentials fetched %d times", fetched.Load())
			}
			if last := s.seen()[c.requests-1]; string(last.body) != string(rolloverCall.Body) {
				t.Fatalf("body %q", last.body)
			}
		})
	}
}

func TestCredentialsThatCannotBeFetchedAreFetchedByTheNextCall(t *testing.T) {
	broken := true
	keys := aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		if broken {
			return aws.Credentials{}, errors.New("no answer")
		}
		return staticKeys(ctx)
	})
	s := serve(t, ok)
	c := made(t, s.URL, signing((&journal{}).deps(), keys), es, trips)
	for range 5 { // not OpenSearch's failure: the breaker stays closed
		_, err := c.Do(t.Context(), searchCall)
		wantKind(t, err, fault.Unavailable)
	}
	broken = false
	if _, err := c.Do(t.Context(), searchCall); err != nil {
		t.Fatal(err)
	}
	wantRequests(t, s, 1)
}
