package lambda

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

func TestBatchIsDiscardedAfterItsRetriesAndTheDestinationToldAsAWSDoes(t *testing.T) {
	t.Parallel()
	client, queueClient, rec := kinesisClient(), sqsClient(), &recorder{}
	arn, dead := stream(t, client, 1), queue(t, queueClient, nil)
	f, _ := function(t, lambdatest.Config{}, "fail")
	put(t, client, arn, "a", "b")
	m := mapping(client, arn, f, rec)
	m.MaximumRetryAttempts = 2
	m.OnFailure = &Destination{Client: queueClient, URL: dead, FunctionARN: f.ARN()}
	running(t, m.Run)
	n := note(t, queueClient, dead)
	if all := data(t, rec.all()); !slices.Equal(all, []string{"a b", "a b", "a b"}) {
		t.Errorf("delivered %q, want the batch and two retries", all)
	}
	if n.RequestContext.Condition != "RetryAttemptsExhausted" || n.RequestContext.InvokeCount != 3 || n.RequestContext.FunctionARN != f.ARN() || n.RequestContext.RequestID == "" {
		t.Errorf("request context %+v", n.RequestContext)
	}
	if n.ResponseContext == nil || *n.ResponseContext != (responseContext{200, "$LATEST", "Unhandled"}) {
		t.Errorf("response context %+v", n.ResponseContext)
	}
	records := streamRecords(t, rec.all()[0])
	b := n.Kinesis
	if b.ShardID != "shardId-000000000000" || b.Start != records[0].Kinesis.SequenceNumber || b.End != records[1].Kinesis.SequenceNumber || b.Size != 2 || b.StreamARN != arn {
		t.Errorf("batch %+v", b)
	}
	if _, err := time.Parse(time.RFC3339, b.FirstArrival); err != nil || n.Version != "1.0" {
		t.Errorf("version %q, arrival %q", n.Version, b.FirstArrival)
	}
}

func TestNoRetriesMeansOneAttemptAndTheShardGoesOn(t *testing.T) {
	t.Parallel()
	client, rec := kinesisClient(), &recorder{}
	arn := stream(t, client, 1)
	f, script := function(t, lambdatest.Config{}, "fail")
	m := mapping(client, arn, f, rec)
	m.MaximumRetryAttempts = 0
	running(t, m.Run)
	put(t, client, arn, "lost")
	rec.await(t, 1)
	script(allGood)
	put(t, client, arn, "next")
	rec.await(t, 2)
	if all := data(t, rec.all()); !slices.Equal(all, []string{"lost", "next"}) {
		t.Errorf("delivered %q", all)
	}
}

func TestBisectHalvesAFailedBatchInOrderUntilThePoisonIsAlone(t *testing.T) {
	t.Parallel()
	client, queueClient, rec := kinesisClient(), sqsClient(), &recorder{}
	arn, dead := stream(t, client, 1), queue(t, queueClient, nil)
	f, _ := function(t, lambdatest.Config{}, "poison c")
	put(t, client, arn, "a", "b", "c", "d")
	m := mapping(client, arn, f, rec)
	m.MaximumRetryAttempts, m.BisectBatchOnFunctionError = 1, true
	m.OnFailure = &Destination{Client: queueClient, URL: dead}
	running(t, m.Run)
	n := note(t, queueClient, dead)
	rec.await(t, 6)
	if all := data(t, rec.all()); !slices.Equal(all, []string{"a b c d", "a b", "c d", "c", "c", "d"}) {
		t.Errorf("delivered %q", all)
	}
	if n.Kinesis.Size != 1 {
		t.Errorf("%d records discarded, want the poison alone", n.Kinesis.Size)
	}
}

func TestBisectWithReportedRecordsCutsThereAndSpendsNoAttempt(t *testing.T) {
	t.Parallel()
	client, rec := kinesisClient(), &recorder{}
	arn := stream(t, client, 1)
	f, _ := function(t, lambdatest.Config{}, "report c")
	put(t, client, arn, "a", "b", "c")
	m := mapping(client, arn, f, rec)
	m.MaximumRetryAttempts, m.BisectBatchOnFunctionError, m.Checkpoints = 1, true, &Checkpoints{}
	running(t, m.Run)
	eventually(t, "the poison is discarded", func() bool { return m.Checkpoints.All()["shardId-000000000000"] == "3" })
	if all := data(t, rec.all()); !slices.Equal(all, []string{"a b c", "c", "c"}) {
		t.Errorf("delivered %q", all)
	}
}

func TestRecordsOverTheMaximumAgeAreDiscardedUnseen(t *testing.T) {
	t.Parallel()
	client, queueClient, rec := kinesisClient(), sqsClient(), &recorder{}
	arn, dead := stream(t, client, 1), queue(t, queueClient, nil)
	f, _ := function(t, lambdatest.Config{}, allGood)
	put(t, client, arn, "old", "older")
	time.Sleep(3200 * time.Millisecond)
	put(t, client, arn, "fresh")
	m := mapping(client, arn, f, rec)
	m.MaximumRecordAge = 3 * time.Second
	m.OnFailure = &Destination{Client: queueClient, URL: dead}
	running(t, m.Run)
	n := note(t, queueClient, dead)
	if n.RequestContext.Condition != "RecordAgeExpired" || n.Kinesis.Size != 2 || n.ResponseContext != nil {
		t.Errorf("%+v", n)
	}
	if all := data(t, rec.await(t, 1)); all[0] != "fresh" {
		t.Errorf("delivered %q", all)
	}
}

func TestTimeoutIsRetriedFromTheSameRecord(t *testing.T) {
	t.Parallel()
	client, rec := kinesisClient(), &recorder{}
	arn := stream(t, client, 1)
	f, script := function(t, lambdatest.Config{Timeout: time.Second}, "hang")
	put(t, client, arn, "a", "b")
	running(t, mapping(client, arn, f, rec).Run)
	rec.await(t, 1)
	script(allGood)
	eventually(t, "the batch is stored", func() bool { return rec.all()[len(rec.all())-1].Err == nil })
	for _, words := range data(t, rec.all()) {
		if words != "a b" {
			t.Errorf("delivered %q", words)
		}
	}
	if err := rec.all()[0].Err; err == nil || !strings.Contains(err.Error(), "Sandbox.Timedout") {
		t.Errorf("error %v", err)
	}
}

func TestStreamStopLetsTheRunningBatchEndAndKeepsItsCheckpoint(t *testing.T) {
	t.Parallel()
	client, rec := kinesisClient(), &recorder{}
	arn := stream(t, client, 1)
	f, _ := function(t, lambdatest.Config{}, "sleep 600ms")
	put(t, client, arn, "a")
	m := mapping(client, arn, f, rec)
	m.Checkpoints = &Checkpoints{}
	stop := running(t, m.Run)
	eventually(t, "the batch is in flight", func() bool { return len(f.PIDs()) == 1 })
	stop()
	if m.Checkpoints.All()["shardId-000000000000"] != "1" || len(rec.all()) != 1 {
		t.Errorf("checkpoints %v after %d deliveries", m.Checkpoints.All(), len(rec.all()))
	}
}
