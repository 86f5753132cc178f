package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/lambda"
)

// OpenSearch is down: once the breaker is open, a batch is answered with all its ids and
// no request leaves the function; its messages are hidden for longer, so that the queue
// does not hand them over in a loop.
func TestOpenBreakerAnswersAtOnceAndTheQueueDoesNotSpin(t *testing.T) {
	t.Parallel()
	s := newScene(t, appendOnly)
	fn := s.function("ingest", map[string]string{"OPENSEARCH_BREAKER_OPEN": "15s", "RETRY_DELAY": "20s", "RETRY_DELAY_MAX": "20s"})
	s.same("before", s.invoke(fn, three(s)), none)
	s.proxy.Inject(faultproxy.Always, -1, faultproxy.ResetBefore)
	for range 2 { // four attempts each
		s.same("while the breaker opens", s.invoke(fn, three(s)), abc)
	}
	asked := len(s.proxy.Seen(faultproxy.Always))
	var took []time.Duration
	for range 10 {
		began := time.Now()
		s.same("while it is open", s.invoke(fn, three(s)), abc)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	if n := len(s.proxy.Seen(faultproxy.Always)) - asked; n != 0 {
		t.Errorf("%d requests reached a server that is known to be down", n)
	}

	var seen receipts
	p := s.pipeTo(lambda.Queue{BatchSize: 50, Window: time.Second, Function: fn, Observe: seen.observe}, map[string]string{"VisibilityTimeout": "4"})
	p.feed(lines(200))
	time.Sleep(9 * time.Second)
	if n := seen.most(); n != 1 {
		t.Errorf("a message was handed over %d times within 9 s, although it is hidden for 15 s or more", n)
	}
	still := len(s.proxy.Seen(faultproxy.Always)) - asked
	s.proxy.Heal()
	p.drained(2 * time.Minute)
	t.Logf("an open breaker answers in %s (median of %d, with a look for the queue's URL); %d requests left for OpenSearch while it was down; at most %d receives", took[5], len(took), still, seen.most())
	if got := len(s.documents()); got != 203 {
		t.Errorf("%d documents, want 203", got)
	}
	// Each of the four environments opens a breaker of its own after five attempts, and lets
	// one call try every 15 s.
	if still > 4*(5+1) {
		t.Errorf("%d requests reached a server that is down", still)
	}
}

// Lambda hands a stream's failed batch over again as soon as it is answered: the function
// answers late, whether OpenSearch refuses or is down.
func TestFailingStreamIsNoHotLoop(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]faultproxy.Fault{
		"throttled": faultproxy.Status(429, "rejected_execution_exception", "rejected execution of coordinating operation"),
		"down":      faultproxy.ResetBefore,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, appendOnly)
			fn := s.function("ingest", map[string]string{"DEFAULT_COLLECTION": s.collection, "RETRY_DELAY": "2s", "OPENSEARCH_BREAKER_OPEN": "1s"})
			s.proxy.Inject(faultproxy.Bulk, -1, fault)
			records := make([][]byte, 20)
			for i := range records {
				records[i] = fmt.Appendf(nil, `{"@timestamp":"2026-03-01T10:00:00Z","n":%d}`, i)
			}
			arn := s.stream(records)
			var handed atomic.Int64
			s.runs(lambda.Stream{
				Client: world.kin, ARN: arn, Function: fn, ReportBatchItemFailures: true, MaximumRetryAttempts: -1,
				Backoff: time.Millisecond, MaxBackoff: time.Millisecond, // Lambda's own is not to be relied on
				Observe: func(lambda.Delivery) { handed.Add(1) },
			}.Run)
			began := time.Now()
			time.Sleep(10 * time.Second)
			n, asked, took := handed.Load(), len(s.proxy.Seen(faultproxy.Bulk)), time.Since(began)
			t.Logf("%d invocations and %d bulk requests of two shards in %s", n, asked, took.Round(time.Second))
			if most := 2 * int64(took/(2*time.Second)+1); n == 0 || n > most {
				t.Errorf("%d invocations, want 1 to %d", n, most)
			}
			s.proxy.Heal()
			eventually(t, time.Minute, func() string {
				if got := len(s.documents()); got < len(records) {
					return fmt.Sprintf("%d documents of %d", got, len(records))
				}
				return ""
			})
		})
	}
}

// A FIFO group whose messages are hidden comes again as a whole and in order; the other
// group is not held up.
func TestHiddenFIFOGroupKeepsItsOrder(t *testing.T) {
	t.Parallel()
	s := newScene(t, "id: {fields: [id]}\nfields:\n  id: {type: keyword}\n  n: {type: long}\nindex: {policy: single, replicas: 0}\n")
	fn := s.function("ingest", map[string]string{"DEADLINE_RESERVE": "26s", "RETRY_DELAY_MAX": "2s"})
	s.proxy.Inject(faultproxy.Bulk, -1, faultproxy.Items(refuse(`"slow"`, 429, "rejected_execution_exception")))
	var seen receipts
	p := s.pipeTo(lambda.Queue{BatchSize: 10, Function: fn, Observe: seen.observe}, map[string]string{"FifoQueue": "true", "VisibilityTimeout": "30"})
	const n = 12
	for i := range n {
		for _, group := range []string{"slow", "free"} {
			body := fmt.Sprintf(`{"id":%q,"n":%d}`, group, i)
			if _, err := world.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{
				QueueUrl: &p.url, MessageBody: &body, MessageGroupId: &group, MessageDeduplicationId: aws.String(fmt.Sprint(group, i)),
				MessageAttributes: map[string]types.MessageAttributeValue{"collection": {DataType: aws.String("String"), StringValue: &s.collection}},
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	eventually(t, time.Minute, func() string {
		if seen.failures() < 2 || seen.most() < 2 {
			return "nothing came again after it failed"
		}
		return ""
	})
	s.proxy.Heal()
	p.drained(2 * time.Minute)
	docs := s.documents()
	for _, id := range []string{"slow", "free"} {
		var doc struct{ N int }
		if err := json.Unmarshal(docs[id], &doc); err != nil || doc.N != n-1 {
			t.Errorf("%s: %s %v, want the last change", id, docs[id], err)
		}
	}
	t.Logf("%d failures, at most %d receives", seen.failures(), seen.most())
}
