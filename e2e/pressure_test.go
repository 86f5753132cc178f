package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// receipts counts how often each message was handed over.
type receipts struct {
	mu     sync.Mutex
	counts map[string]int
	failed int
}

func (r *receipts) observe(d lambda.Delivery) {
	var event struct {
		Records []struct {
			MessageID string `json:"messageId"`
		}
	}
	_ = json.Unmarshal(d.Event, &event)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[string]int{}
	}
	r.failed += len(d.Failed)
	for _, m := range event.Records {
		r.counts[m.MessageID]++
	}
}

func (r *receipts) most() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.counts {
		n = max(n, c)
	}
	return n
}

func (r *receipts) failures() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// depth is how many messages the queue holds, seen and unseen.
func (p *pipeline) depth() (n int) {
	p.Helper()
	names := []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}
	out, err := world.sqs.GetQueueAttributes(p.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &p.url, AttributeNames: names})
	if err != nil {
		p.Fatal(err)
	}
	for _, name := range names {
		some, _ := strconv.Atoi(out.Attributes[string(name)])
		n += some
	}
	return n
}

// tally passes bulk requests on and counts those that OpenSearch refused, whole or in part.
type tally struct {
	mu            sync.Mutex
	sent, refused int
}

func (c *tally) pass(x *faultproxy.Exchange) {
	status, header, reply, err := x.Forward(x.Body)
	if err != nil {
		faultproxy.ResetBefore(x)
		return
	}
	c.mu.Lock()
	c.sent++
	if status == http.StatusTooManyRequests || bytes.Contains(reply, []byte(`"status":429`)) {
		c.refused++
	}
	c.mu.Unlock()
	x.Answer(status, header.Get("Content-Type"), reply)
}

func (c *tally) now() (sent, refused int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent, c.refused
}

// rejections is what a node refused so far, by its own count: for want of room in the
// write queue, and of the memory that indexing may use.
func rejections(t testing.TB, node string) (n int) {
	t.Helper()
	_, text := send(t, node, http.MethodGet, "/_nodes/stats/thread_pool,indexing_pressure", "")
	for _, m := range rejected.FindAllSubmatch(text, -1) {
		count, _ := strconv.Atoi(string(m[1]) + string(m[2])) // one of the two is empty
		n += count
	}
	return n
}

var rejected = regexp.MustCompile(`"(?:coordinating_rejections|primary_rejections)":(\d+)|"write":\{[^}]*"rejected":(\d+)`)

// slow makes the node work for 3 ms on each document of the scene's index, as fast or
// busy as the machine may be; quick ends it.
func (s *scene) slow(fn *lambdatest.Function, first string) (quick func()) {
	s.Helper()
	work := func(loops int) {
		call(s, s.node, http.MethodPut, "/_ingest/pipeline/slow", fmt.Sprintf(`{"processors":[{"script":{"source":"int x = 0; for (int i = 0; i < params.n; i++) { x += i %% 7 } ctx.x = x", "params":{"n":%d}}}]}`, loops))
	}
	const tried, documents = 10_000, 100
	work(tried)
	var took time.Duration
	for range 3 { // the last with warm code
		began := time.Now()
		call(s, s.node, http.MethodPost, "/other/_bulk?pipeline=slow", strings.Repeat("{\"create\":{}}\n{}\n", documents))
		took = time.Since(began) / documents
	}
	work(min(900_000, int(float64(tried)*float64(3*time.Millisecond)/float64(took))))
	s.same("the first", s.invoke(fn, s.event(message{ID: "first", Body: first})), none)
	set := func(pipeline string) {
		call(s, s.node, http.MethodPut, "/"+s.collection+"-2026-03-01/_settings", `{"index.default_pipeline":"`+pipeline+`"}`)
	}
	set("slow")
	return func() { set("_none") }
}

// crowd are n lines from first on, each of about the size given.
func crowd(first, n, size int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"@timestamp":"2026-03-01T10:00:00Z","n":%d,"message":"%s"}`+"\n", first+i, strings.Repeat("x", size))
	}
	return b.String()
}

// A node that takes a fraction of what is offered: one writer thread, busy for long with
// each document, and behind it a queue of two, or memory for a quarter of a full request.
// The queue grows, and nothing is lost or dead-lettered, though a message may be received
// ten times only. Once the functions have found what the node takes, it refuses few of
// their requests: of a queue of two for four writers some, by chance. When it is quick
// again the queue drains.
func TestThrottledForLongTheQueueGrowsThenDrainsAndLosesNothing(t *testing.T) {
	for name, node := range map[string]struct {
		settings map[string]any
		size     int
		percent  int    // of requests refused, at most
		slow     string // BULK_MAX_TOOK
	}{
		"by its write queue": {map[string]any{"thread_pool.write.size": 1, "thread_pool.write.queue_size": 2}, 50, 10, "1s"},
		"by its memory":      {map[string]any{"thread_pool.write.size": 1, "indexing_pressure.memory.limit": "100kb"}, 700, 5, "5s"},
	} {
		t.Run(name, func(t *testing.T) { throttled(t, node.settings, node.size, node.percent, node.slow) })
	}
}

func throttled(t *testing.T, settings map[string]any, size, percent int, slow string) {
	s := sceneOn(t, node(t, settings).URL, appendOnly)
	fn := s.function("ingest", map[string]string{"RETRY_DELAY_MAX": "10s", "BULK_MAX_TOOK": slow})
	quick := s.slow(fn, strings.TrimSpace(crowd(0, 1, size)))
	var ours tally
	s.proxy.Inject(faultproxy.Bulk, -1, ours.pass)
	var seen receipts
	p := s.pipeTo(lambda.Queue{BatchSize: 500, Window: time.Second, Function: fn, Observe: seen.observe}, map[string]string{
		"VisibilityTimeout": "35",
		"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:%s-dead","maxReceiveCount":10}`, s.collection),
	})
	const step, most, period, enough = 1000, 10_000, 25 * time.Second, 100
	began, fed, deepest := time.Now(), 1, 0
	var sent, refused int // by the time that the window had adapted
	for round := 1; ; round++ {
		if fed < most {
			p.feed(crowd(fed, step, size))
			fed += step
		}
		deepest = max(deepest, p.depth())
		if now, _ := ours.now(); time.Since(began) > period && (now-sent >= enough || time.Since(began) > 2*period) {
			break
		}
		if sent == 0 && time.Since(began) > period/3 {
			sent, refused = ours.now()
		}
		time.Sleep(time.Until(began.Add(time.Duration(round) * 2 * time.Second)))
	}
	early := refused
	total, all := ours.now()
	sent, refused = total-sent, all-refused
	stored := len(s.documents())
	quick()
	lifted := time.Now()
	p.drained(2 * time.Minute)
	s.whole(fed)
	t.Logf("%s: %d messages offered, %d stored by then, the queue up to %d deep; %d requests refused at first, then %d of %d (%.1f%%), %d by the node's own count; at most %d receives of a message; drained %s after",
		lifted.Sub(began).Round(time.Second), fed, stored, deepest, early, refused, sent, 100*float64(refused)/float64(sent), rejections(t, s.node), seen.most(), time.Since(lifted).Round(time.Second))
	switch {
	case all == 0 || rejections(t, s.node) == 0 || deepest < 2*step:
		t.Error("the node was not throttled, so nothing was tested")
	case refused*100 > percent*sent:
		t.Errorf("%d of %d requests were refused, more than %d%%", refused, sent, percent)
	}
}
