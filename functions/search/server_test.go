package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/collection"
)

var noon = time.Date(2026, 5, 17, 12, 34, 56, 0, time.UTC)

// testServer is the real server before an OpenSearch and a queue that a test plays.
type testServer struct {
	*server
	engine *gin.Engine
	queue  *memoryQueue
	log    *strings.Builder
}

func newTestServer(t testing.TB, opensearch http.Handler) testServer {
	t.Helper()
	return testServerOf(t, opensearch, "testdata/collections")
}

func testServerOf(t testing.TB, opensearch http.Handler, collections string) testServer {
	t.Helper()
	web := httptest.NewServer(opensearch)
	t.Cleanup(web.Close)
	c, err := client.New(client.Config{URL: web.URL, MaxAttempts: 1, BreakerFailures: 1000}, client.Deps{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	set, err := collection.LoadDir(collections)
	if err != nil {
		t.Fatal(err)
	}
	queue, log := &memoryQueue{}, &strings.Builder{}
	s := newServer(Config{}, set, c, newQueue(queue, "queue"), slog.New(slog.NewJSONHandler(log, nil)), func() time.Time { return noon })
	return testServer{s, s.newEngine(), queue, log}
}

// memoryQueue is SQS as far as it is used; fail says what it refuses.
type memoryQueue struct {
	mu    sync.Mutex
	sent  []types.SendMessageBatchRequestEntry
	calls int
	fail  func(call int, body string) *types.BatchResultErrorEntry
	down  error
}

func (q *memoryQueue) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.calls++; q.down != nil {
		return nil, q.down
	}
	out := &sqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		if q.fail != nil {
			if f := q.fail(q.calls, *e.MessageBody); f != nil {
				f.Id = e.Id
				out.Failed = append(out.Failed, *f)
				continue
			}
		}
		q.sent = append(q.sent, e)
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id})
	}
	return out, nil
}

func (q *memoryQueue) GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	return &sqs.GetQueueAttributesOutput{}, q.down
}

// drain tells what was put on the queue: collection, id, body.
func (q *memoryQueue) drain() string {
	var out strings.Builder
	for _, e := range q.sent {
		id := "(its own id)"
		if a, ok := e.MessageAttributes["id"]; ok {
			id = aws.ToString(a.StringValue)
		}
		if aws.ToString(e.MessageAttributes["plain"].StringValue) != "true" {
			out.WriteString("a posted body might be taken for a notification: ")
		}
		fmt.Fprintf(&out, "+ %s %s %s\n", aws.ToString(e.MessageAttributes["collection"].StringValue), id, *e.MessageBody)
	}
	q.sent = nil
	return out.String()
}
