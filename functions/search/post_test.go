package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/lambdatest"
	"github.com/sluice-dev/sluice/shared/producer"
)

func post(s testServer, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.engine.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/logs/documents", strings.NewReader(body)))
	return w
}

func TestPostTellsWhatTheQueueDidNotTake(t *testing.T) {
	s := newTestServer(t, http.NotFoundHandler())
	s.queue.fail = func(_ int, body string) *types.BatchResultErrorEntry {
		if strings.Contains(body, "b") {
			return &types.BatchResultErrorEntry{Code: aws.String("ServiceUnavailable")}
		}
		return nil
	}
	w := post(s, `[{"a":1},{"b":1},3]`)
	for _, want := range []string{`"position":0,"status":"accepted"`, `"position":1,"status":"failed"`, `"position":2,"status":"rejected"`} {
		if w.Code != http.StatusAccepted || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

func TestPostIs503WhileTheQueueIsDown(t *testing.T) {
	s := newTestServer(t, http.NotFoundHandler())
	s.queue.down = errors.New("refused")
	w := post(s, `{"a":1}`)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"status":"failed"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	s.server.queue = nil
	if w := post(s, `{"a":1}`); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "INGEST_QUEUE_URL") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A queue that cannot be reached (a VPC without an endpoint) hangs: the answer comes in time.
func TestPostAnswersBeforeTheInvocationEnds(t *testing.T) {
	s := newTestServer(t, http.NotFoundHandler())
	s.server.queue = hanging{}
	ctx, cancel := context.WithTimeout(t.Context(), reserve+100*time.Millisecond)
	defer cancel()
	event := strings.NewReplacer("GET", "POST", `"version"`, `"body":"{}","version"`).Replace(get("/v1/logs/documents", "", ""))
	got := invoke(ctx, t, newHandler(s.engine, s.server.log), event)
	if got.StatusCode != http.StatusServiceUnavailable || ctx.Err() != nil {
		t.Errorf("%d %s %v", got.StatusCode, got.Body, ctx.Err())
	}
}

// hanging is a queue that never answers.
type hanging struct{}

func (hanging) Send(ctx context.Context, messages []producer.Message) []error {
	<-ctx.Done()
	fates := make([]error, len(messages))
	for i := range fates {
		fates[i] = fault.Wrap(fault.Unavailable, "the queue cannot be reached", ctx.Err())
	}
	return fates
}

func (hanging) Ping(ctx context.Context) error {
	<-ctx.Done()
	return fault.Wrap(fault.Unavailable, "the queue cannot be reached", ctx.Err())
}

func TestPostRefusesBodiesOverTheLimit(t *testing.T) {
	s := newTestServer(t, http.NotFoundHandler())
	if w := post(s, `{"a":"`+strings.Repeat("x", maxBody)+`"}`); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %.200s", w.Code, w.Body)
	}
	noise := make([]byte, 1<<20)
	_, _ = rand.Read(noise)
	w := post(s, `[{"a":"`+hex.EncodeToString(noise)+`"},{"a":"`+strings.Repeat("x", 2<<20)+`"}]`)
	if w.Code != http.StatusAccepted || !strings.Contains(w.Body.String(), "packed too many for the queue") || len(s.queue.sent) != 1 {
		t.Errorf("%d %d %.200s", w.Code, len(s.queue.sent), w.Body)
	}
}

// The verdicts of a body full of tiny documents would be more than Lambda carries.
func TestPostRefusesMoreDocumentsThanAnAnswerCanJudge(t *testing.T) {
	s := newTestServer(t, http.NotFoundHandler())
	w := post(s, strings.Repeat("{}\n", maxItems+1))
	if w.Code != http.StatusRequestEntityTooLarge || len(s.queue.sent) > 0 || !strings.Contains(w.Body.String(), "10000") {
		t.Errorf("%d %.200s", w.Code, w.Body)
	}
	event := strings.NewReplacer("GET", "POST", `"version"`, `"headers":{"idempotency-key":"`+strings.Repeat("k", maxKey)+`"},"body":"`+strings.Repeat(`{}\n`, maxItems)+`","version"`).Replace(get("/v1/logs/documents", "", ""))
	out, err := newHandler(s.engine, s.server.log).Invoke(t.Context(), []byte(event))
	if err != nil || len(out) > lambdatest.MaxPayload || len(s.queue.sent) != maxItems {
		t.Errorf("%d %v %.200s", len(out), err, out)
	}
}

func TestPostKeepsCharactersThatTheQueueRefuses(t *testing.T) {
	s := newTestServer(t, http.NotFoundHandler())
	if w := post(s, "{\"a\":\"x\uFFFF\uFFFEé\\u0000\"}"); w.Code != http.StatusAccepted {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := *s.queue.sent[0].MessageBody; got != `{"a":"x\uffff\ufffeé\u0000"}` {
		t.Error(got)
	}
}

func TestPostNewIDsAreUUIDsInTheOrderOfTime(t *testing.T) {
	first, second := newUUID(noon), newUUID(noon.Add(1e9))
	if len(first) != 36 || first[14] != '7' || !strings.ContainsRune("89ab", rune(first[19])) || first >= second || first == newUUID(noon) {
		t.Error(first, second)
	}
}
