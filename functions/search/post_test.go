package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
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

func TestPostRefusesBodiesOverTheLimit(t *testing.T) {
	s := newTestServer(t, http.NotFoundHandler())
	if w := post(s, `{"a":"`+strings.Repeat("x", maxBody)+`"}`); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %.200s", w.Code, w.Body)
	}
	w := post(s, `[{"a":"`+strings.Repeat("x", maxMessage)+`"},{"a":1}]`)
	if w.Code != http.StatusAccepted || !strings.Contains(w.Body.String(), "is over 1048576 bytes") {
		t.Errorf("%d %.200s", w.Code, w.Body)
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
