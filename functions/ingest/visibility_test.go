package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/fault"
)

// hideout notes what is hidden, and for how many seconds.
type hideout struct {
	mu      sync.Mutex
	calls   int
	asked   []string
	seconds map[string]int32 // by receipt handle
	down    bool
	hang    bool
}

func (h *hideout) GetQueueUrl(_ context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, *in.QueueOwnerAWSAccountId+"/"+*in.QueueName)
	if h.down {
		return nil, errors.New("no answer")
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: aws.String("http://localhost/" + *in.QueueName)}, nil
}

func (h *hideout) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	if h.hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls++
	if len(in.Entries) > 10 {
		return nil, errors.New("too many entries")
	}
	if h.seconds == nil {
		h.seconds = map[string]int32{}
	}
	for _, e := range in.Entries {
		h.seconds[*e.ReceiptHandle] = e.VisibilityTimeout
	}
	return &sqs.ChangeMessageVisibilityBatchOutput{}, nil
}

// received is an event whose messages have these receive counts; "group/count" in FIFO.
func received(arn string, counts ...string) []byte {
	records := make([]string, len(counts))
	for i, count := range counts {
		group := ""
		if before, after, ok := strings.Cut(count, "/"); ok {
			group, count = fmt.Sprintf(`,"MessageGroupId":%q`, before), after
		}
		records[i] = fmt.Sprintf(`{"messageId":"m%d","receiptHandle":"r%d","body":"{\"@timestamp\":\"2026-05-17T09:05:00Z\"}","attributes":{"SentTimestamp":"1779008703310","ApproximateReceiveCount":"%s"%s},`+
			`"messageAttributes":{"collection":{"stringValue":"logs","dataType":"String"}},"eventSource":"aws:sqs","eventSourceARN":%q}`, i, i, count, group, arn)
	}
	return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
}

func refusing(h *harness) {
	h.cluster.Before = func(int, []byte) *bulktest.Fault {
		return &bulktest.Fault{Err: fault.New(fault.Unavailable, "the breaker is open")}
	}
}

func TestFailedMessagesComeAgainLaterEachTime(t *testing.T) {
	h := newHarness(t)
	refusing(h)
	h.failures(t, received(queueARN, "1", "2", "3", "9", "10", "99"))
	for i, want := range []int32{10, 20, 40, 2560, 3600, 3600} {
		if got := h.hidden.seconds[fmt.Sprint("r", i)]; got > want || got < want*3/4 {
			t.Errorf("message %d is hidden for %d s, want %d less a quarter at most", i, got, want)
		}
	}
	if len(h.hidden.asked) != 1 || h.hidden.asked[0] != "000000000000/ingest" {
		t.Errorf("asked for the URLs of %v", h.hidden.asked)
	}
	h.failures(t, received(queueARN, "1"))
	if len(h.hidden.asked) != 1 {
		t.Error("asked again for a URL that is known")
	}
}

func TestOnlyFailedMessagesAreHidden(t *testing.T) {
	h := newHarness(t)
	h.cluster.Refuse = func(i bulktest.Item) (int, string) {
		if i.ID == "m1" {
			return 429, "rejected_execution_exception"
		}
		return 0, ""
	}
	h.failures(t, received(queueARN, "1", "1", "1"))
	if _, ok := h.hidden.seconds["r1"]; len(h.hidden.seconds) != 1 || !ok {
		t.Errorf("hidden: %v", h.hidden.seconds)
	}
}

func TestMessagesOfAGroupComeAgainTogether(t *testing.T) {
	h := newHarness(t)
	refusing(h)
	h.failures(t, received(fifoARN, "a/5", "a/1", "b/1", "a/1"))
	s := h.hidden.seconds
	if s["r0"] < 120 || s["r1"] != s["r0"] || s["r3"] != s["r0"] || s["r2"] > 10 {
		t.Errorf("hidden: %v", s)
	}
}

func TestAThousandMessagesAreHiddenByAHundredCalls(t *testing.T) {
	h := newHarness(t)
	refusing(h)
	counts := make([]string, 1000)
	for i := range counts {
		counts[i] = "1"
	}
	if got := h.failures(t, received(queueARN, counts...)); len(got) != 1000 || h.hidden.calls != 100 || len(h.hidden.seconds) != 1000 {
		t.Errorf("%d reported, %d hidden by %d calls", len(got), len(h.hidden.seconds), h.hidden.calls)
	}
}

func TestQueueThatCannotHideFailsNoBatch(t *testing.T) {
	h := newHarness(t)
	refusing(h)
	h.hidden.down = true
	if got := h.failures(t, received(queueARN, "1", "2")); len(got) != 2 {
		t.Error(got)
	}
	if !strings.Contains(h.out.String(), "visibility not changed") {
		t.Error(h.out.String())
	}
	h.hidden.down, h.hidden.hang = false, true
	synctest.Test(t, func(t *testing.T) {
		h.visibility.addresses.known.Clear()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		if reply, err := h.Invoke(ctx, received(queueARN, "1", "2")); err != nil || strings.Count(string(reply), "itemIdentifier") != 2 {
			t.Error(string(reply), err)
		}
		if took := time.Since(began); took > maxPostpone {
			t.Errorf("answered after %s", took)
		}
	})
}

func TestNoDelayConfiguredLeavesVisibilityToTheQueue(t *testing.T) {
	h := newHarness(t)
	refusing(h)
	h.visibility.first = 0
	if h.failures(t, received(queueARN, "1")); h.hidden.calls != 0 || h.hidden.asked != nil {
		t.Error(h.hidden.calls, h.hidden.asked)
	}
}

// As often as template.yaml's queues deliver a message before they give it up, each time
// hidden as shortly as chance may have it.
func TestAnOutageOfAWeekendDeadLettersNothing(t *testing.T) {
	template, err := os.ReadFile(filepath.Join("..", "..", "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	counts := regexp.MustCompile(`deadLetterTargetArn: !GetAtt (?:Fifo)?DeadLetterQueue.Arn, maxReceiveCount: (\d+)`).FindAllStringSubmatch(string(template), -1)
	if len(counts) == 0 {
		t.Fatal("template.yaml has no queue with dead letters")
	}
	v := visibility{first: 10 * time.Second, most: time.Hour}
	for _, c := range counts {
		receives, _ := strconv.Atoi(c[1])
		var least time.Duration
		for n := 1; n <= receives; n++ {
			least += v.delay(n) * 3 / 4
		}
		t.Logf("%d receives last %.1f hours at least", receives, least.Hours())
		if least < 69*time.Hour {
			t.Errorf("%d receives last only %s", receives, least)
		}
	}
	if v.delay(1) > 10*time.Second || v.delay(4) > 80*time.Second {
		t.Error("what fails once waits long")
	}
}

// A stream's failed batch is handed over again as soon as it is answered.
func TestStreamsFailedBatchIsNotAnsweredAtOnce(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	h.compile()
	refusing(h)
	for name, c := range map[string]struct{ deadline, want time.Duration }{
		"within the time it has": {time.Minute, 10 * time.Second},
		"near its deadline":      {5 * time.Second, 4500 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
			defer cancel()
			began := time.Now()
			h.now = func() time.Time { return noon.Add(time.Since(began)) }
			reply, err := h.Invoke(ctx, kinesisEvent([]byte(event1(1))))
			if took := time.Since(began); err != nil || took != c.want || !strings.Contains(string(reply), `"100"`) {
				t.Errorf("%s: %s %v after %s", name, reply, err, took)
			}
		})
	}
}
