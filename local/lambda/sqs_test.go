package lambda

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

const allGood = `answer {"batchItemFailures":[]}`

// records reads what a delivery carried.
func records(t *testing.T, d Delivery) []sqsRecord {
	t.Helper()
	var e struct{ Records []sqsRecord }
	if err := json.Unmarshal(d.Event, &e); err != nil {
		t.Fatalf("%s: %v", d.Event, err)
	}
	return e.Records
}

func bodies(t *testing.T, d Delivery) []string {
	t.Helper()
	var all []string
	for _, r := range records(t, d) {
		all = append(all, r.Body)
	}
	return all
}

func TestQueueEventIsAWSs(t *testing.T) {
	t.Parallel()
	client, rec := sqsClient(), &recorder{}
	url := queue(t, client, nil)
	f, _ := function(t, lambdatest.Config{}, allGood)
	sent, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: &url, MessageBody: aws.String(`{"q":"<a&b>"}`),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"collection": {DataType: aws.String("String"), StringValue: aws.String("logs")},
			"raw":        {DataType: aws.String("Binary"), BinaryValue: []byte{0, 1, 255}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	running(t, Queue{Client: client, URL: url, Function: f, Observe: rec.add}.Run)
	d := rec.await(t, 1)[0]
	r := records(t, d)[0]
	if r.MessageID != *sent.MessageId || r.MD5OfBody != *sent.MD5OfMessageBody || r.ReceiptHandle == "" || r.Body != `{"q":"<a&b>"}` {
		t.Errorf("%+v", r)
	}
	arn := "arn:aws:sqs:us-east-1:000000000000:" + url[strings.LastIndex(url, "/")+1:]
	if r.EventSource != "aws:sqs" || r.EventSourceARN != arn || r.AWSRegion != "us-east-1" {
		t.Errorf("source %q %q %q", r.EventSource, r.EventSourceARN, r.AWSRegion)
	}
	if r.Attributes["ApproximateReceiveCount"] != "1" || len(r.Attributes["SentTimestamp"]) != 13 || len(r.Attributes["ApproximateFirstReceiveTimestamp"]) != 13 {
		t.Errorf("attributes %v", r.Attributes)
	}
	for _, part := range []string{
		`"messageAttributes":{"collection":{"stringValue":"logs","stringListValues":[],"binaryListValues":[],"dataType":"String"}`,
		`"raw":{"binaryValue":"AAH/","stringListValues":[],"binaryListValues":[],"dataType":"Binary"}`, `<a&b>`,
	} {
		if !strings.Contains(string(d.Event), part) {
			t.Errorf("no %s in %s", part, d.Event)
		}
	}
}

func TestEachAnswerDeletesExactlyWhatAWSWould(t *testing.T) {
	client := sqsClient()
	for _, c := range answers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rec := &recorder{}
			url := queue(t, client, map[string]string{"VisibilityTimeout": "30"})
			f, script := function(t, lambdatest.Config{}, allGood)
			sent, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("bad")})
			if err != nil {
				t.Fatal(err)
			}
			send(t, client, url, "good")
			script("answer " + strings.ReplaceAll(c.answer, "<id>", *sent.MessageId))
			stop := running(t, Queue{Client: client, URL: url, Function: f, Window: 500 * time.Millisecond, MaximumConcurrency: 1, ReportBatchItemFailures: true, Observe: rec.add}.Run)
			d := rec.await(t, 1)[0]
			stop()
			want, failed := "0+0", 0
			if c.failed {
				want, failed = "0+1", 1
			}
			if c.err {
				want, failed = "0+2", 2
			}
			if got := left(t, client, url); got != want || len(slices.Compact(d.Failed)) != failed || c.err != (d.Err != nil) {
				t.Errorf("visible and in flight %s, want %s; failed %q (%v)", got, want, d.Failed, d.Err)
			}
		})
	}
}

func TestReportedMessageComesAgainAfterTheVisibilityTimeout(t *testing.T) {
	t.Parallel()
	client, rec := sqsClient(), &recorder{}
	url := queue(t, client, nil)
	f, script := function(t, lambdatest.Config{}, "report bad")
	send(t, client, url, "bad", "good")
	began := time.Now()
	running(t, Queue{Client: client, URL: url, Function: f, ReportBatchItemFailures: true, MaximumConcurrency: 1, Window: time.Second / 2, Observe: rec.add}.Run)
	rec.await(t, 1)
	script(allGood)
	again := rec.await(t, 2)[1]
	if got := bodies(t, again); !slices.Equal(got, []string{"bad"}) {
		t.Errorf("delivered again: %q, want only the reported one", got)
	}
	if n := records(t, again)[0].Attributes["ApproximateReceiveCount"]; n != "2" {
		t.Errorf("receive count %s", n)
	}
	if took := time.Since(began); took < time.Second {
		t.Errorf("came again after %v, before the visibility timeout", took)
	}
	eventually(t, "the queue is empty", func() bool { return left(t, client, url) == "0+0" })
}

func TestFunctionErrorCrashOrTimeoutFailsTheWholeBatch(t *testing.T) {
	client := sqsClient()
	for _, script := range []string{"fail", "hang", "no such word"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			rec := &recorder{}
			url := queue(t, client, map[string]string{"VisibilityTimeout": "30"})
			f, _ := function(t, lambdatest.Config{Timeout: 300 * time.Millisecond}, script)
			send(t, client, url, "a", "b")
			stop := running(t, Queue{Client: client, URL: url, Function: f, MaximumConcurrency: 1, Window: 300 * time.Millisecond, ReportBatchItemFailures: true, Observe: rec.add}.Run)
			d := rec.await(t, 1)[0]
			stop()
			if got := left(t, client, url); got != "0+2" || d.Err == nil || len(d.Failed) != 2 {
				t.Errorf("left %s, failed %q, error %v", got, d.Failed, d.Err)
			}
		})
	}
}

func TestAnswerIsIgnoredWithoutReportBatchItemFailures(t *testing.T) {
	t.Parallel()
	client, rec := sqsClient(), &recorder{}
	url := queue(t, client, nil)
	f, _ := function(t, lambdatest.Config{}, "report bad")
	send(t, client, url, "bad")
	running(t, Queue{Client: client, URL: url, Function: f, Observe: rec.add}.Run)
	rec.await(t, 1)
	eventually(t, "the reported message is deleted all the same", func() bool { return left(t, client, url) == "0+0" })
}

func TestMessageThatAlwaysFailsGoesToTheDeadLetterQueue(t *testing.T) {
	t.Parallel()
	client, rec := sqsClient(), &recorder{}
	dead := queue(t, client, nil)
	arn := "arn:aws:sqs:us-east-1:000000000000:" + dead[strings.LastIndex(dead, "/")+1:]
	url := queue(t, client, map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":"%s","maxReceiveCount":"2"}`, arn)})
	f, _ := function(t, lambdatest.Config{}, "report bad")
	send(t, client, url, "bad", "good")
	stop := running(t, Queue{Client: client, URL: url, Function: f, ReportBatchItemFailures: true, Observe: rec.add}.Run)
	eventually(t, "one dead letter", func() bool { return left(t, client, dead) == "1+0" && left(t, client, url) == "0+0" })
	stop()
	seen := 0
	for _, d := range rec.all() {
		for _, body := range bodies(t, d) {
			if body == "bad" {
				seen++
			}
		}
	}
	if seen != 2 {
		t.Errorf("delivered %d times, want maxReceiveCount", seen)
	}
}

func TestWindowGathersUpToTheBatchSize(t *testing.T) {
	t.Parallel()
	client, rec := sqsClient(), &recorder{}
	url := queue(t, client, map[string]string{"VisibilityTimeout": "30"})
	f, _ := function(t, lambdatest.Config{}, allGood)
	for i := range 45 {
		send(t, client, url, fmt.Sprint(i))
	}
	running(t, Queue{Client: client, URL: url, Function: f, BatchSize: 30, Window: 3 * time.Second, MaximumConcurrency: 1, Observe: rec.add}.Run)
	for i, want := range []int{30, 15} {
		if got := len(bodies(t, rec.await(t, i+1)[i])); got != want {
			t.Errorf("batch %d holds %d, want %d", i, got, want)
		}
	}
}

func TestWithoutWindowABatchIsOneReceive(t *testing.T) {
	t.Parallel()
	client, rec := sqsClient(), &recorder{}
	url := queue(t, client, nil)
	f, _ := function(t, lambdatest.Config{}, allGood)
	running(t, Queue{Client: client, URL: url, Function: f, Observe: rec.add}.Run)
	began := time.Now()
	send(t, client, url, "alone")
	rec.await(t, 1)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("a lone message waited %v", took)
	}
}

func TestBatchIsCutAt6MBAndNothingIsLostOrDeliveredTwice(t *testing.T) {
	t.Parallel()
	client, rec := sqsClient(), &recorder{}
	url := queue(t, client, map[string]string{"VisibilityTimeout": "60"})
	f, _ := function(t, lambdatest.Config{}, allGood)
	for i := range 13 { // seven of 1 MB, of which six fit; then small ones that fill the next batch
		size := 1_000_000
		if i > 6 {
			size = 10
		}
		send(t, client, url, string(rune('a'+i))+strings.Repeat("x", size))
	}
	running(t, Queue{Client: client, URL: url, Function: f, BatchSize: 7, Window: 30 * time.Second, MaximumConcurrency: 1, Observe: rec.add}.Run)
	var seen []string
	for i, want := range []int{6, 7} {
		d := rec.await(t, i+1)[i]
		if len(d.Event) > lambdatest.MaxPayload || d.Err != nil || len(bodies(t, d)) != want {
			t.Errorf("batch %d: %d messages, %d bytes, %v", i, len(bodies(t, d)), len(d.Event), d.Err)
		}
		for _, body := range bodies(t, d) {
			seen = append(seen, body[:1])
		}
	}
	slices.Sort(seen)
	if strings.Join(seen, "") != "abcdefghijklm" || left(t, client, url) != "0+0" {
		t.Errorf("delivered %q, left %s", seen, left(t, client, url))
	}
}

func TestConcurrencyStaysWithinItsMaximumAndThrottlingCostsNoReceive(t *testing.T) {
	t.Parallel()
	client, rec := sqsClient(), &recorder{}
	url := queue(t, client, map[string]string{"VisibilityTimeout": "30"})
	f, _ := function(t, lambdatest.Config{Concurrency: 2}, "sleep 100ms")
	for i := range 12 {
		send(t, client, url, fmt.Sprint(i))
	}
	var most atomic.Int64
	observe := func(d Delivery) {
		most.Store(max(most.Load(), int64(len(f.PIDs()))))
		rec.add(d)
	}
	running(t, Queue{Client: client, URL: url, Function: f, BatchSize: 1, MaximumConcurrency: 4, Observe: observe}.Run)
	for _, d := range rec.await(t, 12) {
		if n := records(t, d)[0].Attributes["ApproximateReceiveCount"]; n != "1" || d.Err != nil {
			t.Errorf("receive count %s, %v", n, d.Err)
		}
	}
	if most.Load() != 2 {
		t.Errorf("%d environments, want 2", most.Load())
	}
}

func TestEnvironmentsKilledInTheMiddleLoseNothing(t *testing.T) {
	t.Parallel()
	client, rec := sqsClient(), &recorder{}
	url := queue(t, client, nil)
	f, _ := function(t, lambdatest.Config{Concurrency: 3}, "sleep 30ms")
	want := map[string]bool{}
	for i := range 200 {
		want[fmt.Sprint(i)] = true
		send(t, client, url, fmt.Sprint(i))
	}
	stop := running(t, Queue{Client: client, URL: url, Function: f, ReportBatchItemFailures: true, MaximumConcurrency: 3, Observe: rec.add}.Run)
	for range 5 {
		time.Sleep(40 * time.Millisecond)
		f.Kill()
	}
	eventually(t, "the queue is empty", func() bool { return left(t, client, url) == "0+0" })
	stop()
	failed := 0
	for _, d := range rec.all() {
		if d.Err != nil {
			failed++
			continue
		}
		for _, body := range bodies(t, d) {
			delete(want, body)
		}
	}
	if len(want) > 0 || failed == 0 {
		t.Errorf("never stored: %v; %d batches failed", want, failed)
	}
}

func TestStopLetsTheRunningInvocationEndAndDeletesItsMessages(t *testing.T) {
	t.Parallel()
	client, rec := sqsClient(), &recorder{}
	url := queue(t, client, map[string]string{"VisibilityTimeout": "30"})
	f, _ := function(t, lambdatest.Config{}, "sleep 700ms")
	stop := running(t, Queue{Client: client, URL: url, Function: f, Observe: rec.add}.Run)
	send(t, client, url, "slow")
	eventually(t, "the invocation runs", func() bool { return len(f.PIDs()) == 1 })
	stop()
	if len(rec.all()) != 1 || rec.all()[0].Err != nil || left(t, client, url) != "0+0" {
		t.Errorf("deliveries %d, left %s", len(rec.all()), left(t, client, url))
	}
}

func TestStopIsBoundedByDrain(t *testing.T) {
	t.Parallel()
	client, rec := sqsClient(), &recorder{}
	url := queue(t, client, map[string]string{"VisibilityTimeout": "30"})
	f, _ := function(t, lambdatest.Config{Timeout: 10 * time.Second}, "hang")
	stop := running(t, Queue{Client: client, URL: url, Function: f, Drain: 100 * time.Millisecond, Observe: rec.add}.Run)
	send(t, client, url, "endless")
	eventually(t, "the invocation runs", func() bool { return len(f.PIDs()) == 1 })
	began := time.Now()
	stop()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if got := left(t, client, url); got != "0+1" {
		t.Errorf("left %s: an unfinished message was deleted", got)
	}
	f.Kill()
}

func TestMappingRefusesWhatAWSRefuses(t *testing.T) {
	client := sqsClient()
	standard, fifo := queue(t, client, nil), queue(t, client, map[string]string{"FifoQueue": "true"})
	for _, c := range []struct {
		queue Queue
		want  string
	}{
		{Queue{URL: standard, BatchSize: 11}, "window of at least 1 s"},
		{Queue{URL: standard, BatchSize: 10_001, Window: time.Second}, "between 1 and 10000"},
		{Queue{URL: standard, Window: 301 * time.Second}, "between 0 and 300 s"},
		{Queue{URL: fifo, BatchSize: 11}, "at most 10"},
		{Queue{URL: fifo, Window: time.Second}, "no batching window"},
		{Queue{URL: standard + "-none"}, "does not exist"},
	} {
		c.queue.Client = client
		if err := c.queue.Run(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}
