package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/opensearch-project/opensearch-go/v2"
	"github.com/opensearch-project/opensearch-go/v2/opensearchapi"
	"github.com/opensearch-project/opensearch-go/v2/opensearchutil"
	"github.com/opensearch-project/opensearch-go/v2/signer/awsv2"

	"github.com/sluice-dev/sluice/shared/fault"
)

// What opensearch-go v2.3.0 does wrong, each beside what we do, against one server. The
// plain half keeps the claim proved: when it fails, the library has learnt, and a layer can go.

// both runs one scenario through the plain library and through ours.
func both(t *testing.T, plainHalf, ourHalf func(t *testing.T)) {
	t.Helper()
	t.Run("the plain library shows the fault", plainHalf)
	t.Run("ours does not", ourHalf)
}

var staticKeys = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI", SessionToken: "the-session-token"}, nil
})

func signing(deps Deps, keys aws.CredentialsProvider) Deps {
	deps.Credentials, deps.Region = keys, "eu-west-1"
	return deps
}

func es(c *Config) { c.Auth = AuthES }

func TestFact1EveryAttemptIsSignedOverItsRealBody(t *testing.T) {
	const body = `{"query":{"match_all":{}}}`
	hashes := func(s *script) (matching int) {
		for _, r := range s.seen() {
			if string(r.body) != body {
				t.Fatalf("body %q arrived", r.body)
			}
			sum := sha256.Sum256(r.body)
			if r.header.Get("X-Amz-Content-Sha256") == hex.EncodeToString(sum[:]) {
				matching++
			}
		}
		return matching
	}
	both(t, func(t *testing.T) {
		s := serve(t, status(503, `{}`), ok)
		signer, err := awsv2.NewSigner(aws.Config{Credentials: staticKeys, Region: "eu-west-1"})
		if err != nil {
			t.Fatal(err)
		}
		c := plain(t, s.URL, func(cfg *opensearch.Config) { cfg.Signer = signer })
		if _, err := c.Search(c.Search.WithBody(strings.NewReader(body))); err != nil {
			t.Fatal(err)
		}
		wantRequests(t, s, 2)
		if hashes(s) != 1 {
			t.Fatal("the retry is signed over its body now")
		}
	}, func(t *testing.T) {
		s := serve(t, status(503, `{}`), ok)
		c := made(t, s.URL, signing((&journal{}).deps(), staticKeys), es)
		if _, err := c.Search(t.Context(), []string{"logs"}, []byte(body), nil); err != nil {
			t.Fatal(err)
		}
		wantRequests(t, s, 2)
		if hashes(s) != 2 {
			t.Fatal("an attempt is not signed over its body")
		}
	})
}

func TestFact2TheBasePathStaysWhatItIs(t *testing.T) {
	paths := func(s *script) (out []string) {
		for _, r := range s.seen() {
			out = append(out, r.uri)
		}
		return out
	}
	both(t, func(t *testing.T) {
		s := serve(t, status(503, `{}`), ok)
		c := plain(t, s.URL+"/base")
		if _, err := c.Bulk(strings.NewReader("{}\n")); err != nil {
			t.Fatal(err)
		}
		if got := paths(s); !reflect.DeepEqual(got, []string{"/base/_bulk", "/base/base/_bulk"}) {
			t.Fatalf("paths %q", got)
		}
	}, func(t *testing.T) {
		s := serve(t, status(503, `{}`), ok)
		if _, _, err := ours(t, s.URL+"/base/").Bulk(t.Context(), []byte("{}\n")); err != nil {
			t.Fatal(err)
		}
		if got := paths(s); !reflect.DeepEqual(got, []string{"/base/_bulk", "/base/_bulk"}) {
			t.Fatalf("paths %q", got)
		}
	})
}

func TestFact3AWaitEndsWithItsContext(t *testing.T) {
	const wait = 300 * time.Millisecond
	both(t, func(t *testing.T) {
		s := serve(t, status(503, `{}`))
		c := plain(t, s.URL, func(cfg *opensearch.Config) {
			cfg.MaxRetries, cfg.RetryBackoff = 1, func(int) time.Duration { return wait }
		})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, _ = opensearchapi.SearchRequest{}.Do(ctx, c)
		if took := time.Since(start); took < wait {
			t.Fatalf("it gave up after %s", took)
		}
	}, func(t *testing.T) {
		s := serve(t, status(503, `{}`, "Retry-After", "1"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		start := time.Now()
		_, err := ours(t, s.URL).Do(ctx, searchCall)
		wantKind(t, err, fault.Unavailable)
		if took := time.Since(start); took >= wait {
			t.Fatalf("it waited %s after its context had ended", took)
		}
	})
}

func TestFact4WhatMayHaveBeenDoneIsNotDoneTwice(t *testing.T) {
	for name, failure := range map[string]step{"reset after the request": reset, "hang up without a reply": hangup} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T) {
				s := serve(t, failure)
				disabled := name == "hang up without a reply" // a bare io.EOF is retried even so
				c := plain(t, s.URL, func(cfg *opensearch.Config) { cfg.DisableRetry = disabled })
				_, err := c.Indices.Rollover("logs")
				if err == nil || s.count() < 2 {
					t.Fatalf("%d requests, error %v", s.count(), err)
				}
			}, func(t *testing.T) {
				s := serve(t, failure)
				_, err := ours(t, s.URL).Do(t.Context(), rolloverCall)
				wantKind(t, err, fault.Unavailable)
				wantRequests(t, s, 1)
			})
		})
	}
}

func TestFact5ACutReplyIsAnError(t *testing.T) {
	for name, reply := range map[string]string{
		"shorter than its Content-Length": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"items\":[",
		"chunks that stop":                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n{\"items\":[\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T) {
				s := serve(t, raw(reply))
				res, err := plain(t, s.URL).Bulk(strings.NewReader("{}\n"))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadAll(res.Body); err == nil {
					t.Fatal("the body can be read")
				}
			}, func(t *testing.T) {
				s := serve(t, raw(reply))
				_, _, err := ours(t, s.URL).Bulk(t.Context(), []byte("{}\n"))
				wantKind(t, err, fault.Unavailable)
				if !errors.Is(err, errCut) {
					t.Fatal(err)
				}
			})
		})
	}
}

func TestFact6NamesDoNotAlterThePath(t *testing.T) {
	for _, id := range []string{"a/b", "a?b", "../_all", "..", ".", "a#b", "100%", "a+b c", "ü"} {
		t.Run(id, func(t *testing.T) {
			s := serve(t, ok)
			if _, err := ours(t, s.URL).Get(t.Context(), "logs", id); err != nil {
				t.Fatal(err)
			}
			segment := strings.TrimPrefix(s.seen()[0].uri, "/logs/_doc/")
			if got, err := url.PathUnescape(segment); err != nil || got != id || strings.ContainsAny(segment, "/?#+ ") {
				t.Fatalf("%q arrived as %q", id, s.seen()[0].uri)
			}
		})
	}
	t.Run("the plain library lets them", func(t *testing.T) {
		s := serve(t, ok)
		c := plain(t, s.URL)
		_, _ = c.Get("logs", "a/b")
		_, _ = c.Get("logs", "a?b")
		_, _ = c.Get("logs", "../_all")
		_, _ = opensearchapi.IndicesDeleteRequest{}.Do(t.Context(), c)
		var got []string
		for _, r := range s.seen() {
			got = append(got, r.method+" "+r.uri)
		}
		want := []string{"GET /logs/_doc/a/b", "GET /logs/_doc/a?b", "GET /logs/_doc/../_all", "DELETE /"}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q", got)
		}
	})
	t.Run("ours refuses the empty delete", func(t *testing.T) {
		s := serve(t, ok)
		_, err := ours(t, s.URL).Do(t.Context(), Call{Method: "DELETE"})
		wantKind(t, err, fault.Invalid)
		wantRequests(t, s, 0)
	})
}

func TestFact7TooManyRequestsIsTriedAgain(t *testing.T) {
	both(t, func(t *testing.T) {
		s := serve(t, status(429, `{}`), ok)
		res, err := plain(t, s.URL).Search()
		if err != nil || res.StatusCode != 429 {
			t.Fatalf("%v %v", res, err)
		}
	}, func(t *testing.T) {
		s := serve(t, status(429, `{}`), ok)
		if _, err := ours(t, s.URL).Do(t.Context(), searchCall); err != nil {
			t.Fatal(err)
		}
		wantRequests(t, s, 2)
	})
}

func TestFact7AServerThatSaysNothingIsGivenUp(t *testing.T) {
	both(t, func(t *testing.T) {
		s := serve(t, hang)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, err := opensearchapi.SearchRequest{}.Do(ctx, plain(t, s.URL))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("it gave up by itself: %v", err)
		}
	}, func(t *testing.T) {
		for name, limit := range map[string]func(*Config){
			"header":  func(c *Config) { c.HeaderTimeout, c.MaxAttempts = 20*time.Millisecond, 1 },
			"request": func(c *Config) { c.RequestTimeout, c.MaxAttempts = 20*time.Millisecond, 1 },
		} {
			t.Run(name, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				_, err := ours(t, serve(t, hang).URL, limit).Do(ctx, searchCall)
				wantKind(t, err, fault.Timeout)
				if ctx.Err() != nil {
					t.Fatal("only its context ended it")
				}
			})
		}
	})
}

func TestFact7ASecondURLInTheEnvironmentIsNoError(t *testing.T) {
	t.Setenv("OPENSEARCH_URL", "http://127.0.0.1:1")
	t.Setenv("ELASTICSEARCH_URL", "http://127.0.0.1:2")
	both(t, func(t *testing.T) {
		if _, err := opensearch.NewDefaultClient(); err == nil {
			t.Fatal("no conflict")
		}
	}, func(t *testing.T) {
		s := serve(t, ok)
		if err := ours(t, s.URL).Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestFact7CredentialsAreFetchedForTheRequest(t *testing.T) {
	type key struct{}
	var known atomic.Bool
	keys := aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		known.Store(ctx.Value(key{}) != nil)
		return staticKeys(ctx)
	})
	s := serve(t, ok)
	both(t, func(t *testing.T) {
		signer, err := awsv2.NewSigner(aws.Config{Credentials: keys, Region: "eu-west-1"})
		if err != nil {
			t.Fatal(err)
		}
		c := plain(t, s.URL, func(cfg *opensearch.Config) { cfg.Signer = signer })
		_, err = opensearchapi.SearchRequest{}.Do(context.WithValue(t.Context(), key{}, 1), c)
		if err != nil || known.Load() {
			t.Fatalf("the request's context arrives now (%v)", err)
		}
	}, func(t *testing.T) {
		c := made(t, s.URL, signing((&journal{}).deps(), keys), es)
		_, err := c.Do(context.WithValue(t.Context(), key{}, 1), searchCall)
		if err != nil || !known.Load() {
			t.Fatalf("the request's context does not arrive (%v)", err)
		}
	})
}

func TestFact8AForceMergeNeedNotBeWaitedFor(t *testing.T) {
	both(t, func(t *testing.T) {
		for _, request := range []any{opensearchapi.IndicesForcemergeRequest{}, opensearchapi.API{}} {
			for _, name := range []string{"WaitForCompletion", "ISM"} {
				if _, found := reflect.TypeOf(request).FieldByName(name); found {
					t.Fatalf("%T has %s now", request, name)
				}
			}
		}
	}, func(t *testing.T) {
		s := serve(t, status(200, `{"task":"n:1"}`))
		c := ours(t, s.URL)
		for _, call := range []Call{
			{Method: "POST", Path: []string{"logs-2026-05-17", "_forcemerge"}, Query: url.Values{"wait_for_completion": {"false"}}},
			{Method: "GET", Path: []string{"_plugins", "_ism", "explain", "logs-2026-05-17"}},
		} {
			if _, err := c.Do(t.Context(), call); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.seen()[0].uri; got != "/logs-2026-05-17/_forcemerge?wait_for_completion=false" {
			t.Fatal(got)
		}
		if got := s.seen()[1].uri; got != "/_plugins/_ism/explain/logs-2026-05-17" {
			t.Fatal(got)
		}
	})
}

func TestFact9AFailedBulkIsReported(t *testing.T) {
	const action = `{"create":{"_index":"logs","_id":"1"}}` + "\n{}\n"
	for name, c := range map[string]struct {
		reply  step
		status int
	}{
		"HTTP 503":              {status(503, `{"error":{}}`), 503},
		"HTTP 429":              {status(429, `{"error":{}}`), 429},
		"a 200 with no items":   {status(200, `{"took":1,"errors":false,"items":[]}`), 200},
		"a 200 that is no JSON": {status(200, `<html>welcome</html>`), 0},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T) {
				s := serve(t, c.reply)
				var failed atomic.Bool
				add, done := indexer(t, s.Server)
				add(opensearchutil.BulkIndexerItem{Action: "create", Index: "logs", DocumentID: "1", Body: strings.NewReader("{}"),
					OnFailure: func(context.Context, opensearchutil.BulkIndexerItem, opensearchutil.BulkIndexerResponseItem, error) {
						failed.Store(true)
					}})
				if err := done(); err != nil || failed.Load() {
					t.Fatalf("it is reported now: %v", err)
				}
			}, func(t *testing.T) {
				s := serve(t, c.reply)
				status, reply, err := ours(t, s.URL).Bulk(t.Context(), []byte(action))
				if status != c.status || (status == 0) != (err != nil) {
					t.Fatalf("status %d, error %v", status, err)
				}
				if status == 200 && string(reply) != `{"took":1,"errors":false,"items":[]}` {
					t.Fatalf("the writer cannot count the items of %q", reply)
				}
			})
		})
	}
}

func TestFact9AnUnreadableDocumentLeavesNoOrphan(t *testing.T) {
	both(t, func(t *testing.T) {
		s := serve(t, status(200, `{"items":[]}`))
		add, done := indexer(t, s.Server)
		add(opensearchutil.BulkIndexerItem{Action: "index", Index: "logs", DocumentID: "1", Body: unreadable{}})
		add(opensearchutil.BulkIndexerItem{Action: "index", Index: "logs", DocumentID: "2", Body: strings.NewReader("{}")})
		_ = done()
		want := `{"index":{"_index":"logs","_id":"1"}}` + "\n" + `{"index":{"_index":"logs","_id":"2"}}` + "\n{}\n"
		if got := string(s.seen()[0].body); got != want {
			t.Fatalf("no orphan in %q", got)
		}
	}, func(t *testing.T) { // ours takes bytes: what arrives is what was given
		const body = `{"index":{"_index":"logs","_id":"2"}}` + "\n{}\n"
		s := serve(t, ok)
		if _, _, err := ours(t, s.URL).Bulk(t.Context(), []byte(body)); err != nil || string(s.seen()[0].body) != body {
			t.Fatalf("%v: %q", err, s.seen()[0].body)
		}
	})
}

func indexer(t *testing.T, s *httptest.Server) (add func(opensearchutil.BulkIndexerItem), done func() error) {
	t.Helper()
	b, err := opensearchutil.NewBulkIndexer(opensearchutil.BulkIndexerConfig{
		Client: plain(t, s.URL, func(cfg *opensearch.Config) { cfg.DisableRetry = true }), NumWorkers: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(item opensearchutil.BulkIndexerItem) {
			if err := b.Add(t.Context(), item); err != nil {
				t.Fatal(err)
			}
		}, func() error {
			return b.Close(t.Context())
		}
}

type unreadable struct{}

func (unreadable) Read([]byte) (int, error)       { return 0, errors.New("unreadable") }
func (unreadable) Seek(int64, int) (int64, error) { return 0, nil }
