package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

func kinesisClient() *kinesis.Client {
	return kinesis.New(kinesis.Options{Region: "us-east-1", BaseEndpoint: &streams, Credentials: aws.CredentialsProviderFunc(credentials)})
}

// stream makes a stream of its own for the test and returns its ARN.
func stream(t *testing.T, client *kinesis.Client, shards int32) string {
	t.Helper()
	name := fmt.Sprintf("lambda-%d-%d", os.Getpid(), queueNumber.Add(1))
	if _, err := client.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: &name, ShardCount: &shards}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = client.DeleteStream(context.Background(), &kinesis.DeleteStreamInput{StreamName: &name})
	})
	return "arn:aws:kinesis:us-east-1:000000000000:stream/" + name
}

// put adds records with the same partition key, so to one shard, in order.
func put(t *testing.T, client *kinesis.Client, arn string, data ...string) {
	t.Helper()
	_, name, _ := strings.Cut(arn, "/")
	for _, d := range data {
		_, err := client.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: &name, PartitionKey: aws.String("key"), Data: []byte(d)})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// mapping is a quick one that reports failures and never gives up.
func mapping(client *kinesis.Client, arn string, f Function, rec *recorder) Stream {
	return Stream{
		Client: client, ARN: arn, Function: f, MaximumRetryAttempts: -1, ReportBatchItemFailures: true,
		Poll: 50 * time.Millisecond, Backoff: 20 * time.Millisecond, MaxBackoff: 100 * time.Millisecond, Observe: rec.add,
	}
}

func streamRecords(t *testing.T, d Delivery) []kinesisRecord {
	t.Helper()
	var e struct{ Records []kinesisRecord }
	if err := json.Unmarshal(d.Event, &e); err != nil {
		t.Fatalf("%s: %v", d.Event, err)
	}
	return e.Records
}

// data is each delivery's records, as "a b c".
func data(t *testing.T, deliveries []Delivery) []string {
	t.Helper()
	var all []string
	for _, d := range deliveries {
		var words []string
		for _, r := range streamRecords(t, d) {
			words = append(words, string(r.Kinesis.Data))
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

func letters(from, n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%02d", from+i))
	}
	return all
}

func TestStreamEventIsAWSs(t *testing.T) {
	t.Parallel()
	client, rec := kinesisClient(), &recorder{}
	arn := stream(t, client, 1)
	f, _ := function(t, lambdatest.Config{}, allGood)
	put(t, client, arn, "\x00\xffbytes")
	running(t, mapping(client, arn, f, rec).Run)
	d := rec.await(t, 1)[0]
	r := streamRecords(t, d)[0]
	if string(r.Kinesis.Data) != "\x00\xffbytes" || r.Kinesis.PartitionKey != "key" || r.Kinesis.SchemaVersion != "1.0" || r.Kinesis.SequenceNumber == "" {
		t.Errorf("%+v", r.Kinesis)
	}
	if seconds, err := r.Kinesis.Arrived.Float64(); err != nil || time.Since(time.UnixMilli(int64(seconds*1000))).Abs() > time.Minute {
		t.Errorf("arrived %s", r.Kinesis.Arrived)
	}
	id := "shardId-000000000000:" + r.Kinesis.SequenceNumber
	r.Kinesis = kinesisData{}
	want := kinesisRecord{
		EventSource: "aws:kinesis", EventVersion: "1.0", EventID: id, EventName: "aws:kinesis:record",
		InvokeIdentityARN: "arn:aws:iam::000000000000:role/local", AWSRegion: "us-east-1", EventSourceARN: arn,
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("%+v, want %+v", r, want)
	}
}

func TestReportedRecordsMoveTheCheckpointToTheLowestAndAllFromThereComeAgain(t *testing.T) {
	t.Parallel()
	client, rec := kinesisClient(), &recorder{}
	arn := stream(t, client, 1)
	f, script := function(t, lambdatest.Config{}, "report 10 08") // sequence numbers 10 and 8: as strings 10 is lower
	put(t, client, arn, letters(1, 12)...)
	m := mapping(client, arn, f, rec)
	m.Checkpoints, m.BatchSize = &Checkpoints{}, 12
	running(t, m.Run)
	rec.await(t, 2)
	if at := m.Checkpoints.All()["shardId-000000000000"]; at != streamRecords(t, rec.all()[0])[6].Kinesis.SequenceNumber {
		t.Errorf("checkpoint %s, want the record before the lowest reported", at)
	}
	script(allGood)
	put(t, client, arn, "end")
	eventually(t, "the shard goes on", func() bool {
		all := data(t, rec.all())
		return all[len(all)-1] == "end"
	})
	all := data(t, rec.all())
	if all[0] != "01 02 03 04 05 06 07 08 09 10 11 12" || all[1] != "08 09 10 11 12" {
		t.Errorf("delivered %q", all)
	}
}

func TestEachAnswerMovesTheCheckpointAsAWSWould(t *testing.T) {
	client := kinesisClient()
	for _, c := range answers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rec := &recorder{}
			arn := stream(t, client, 1)
			put(t, client, arn, "good", "bad")
			f, _ := function(t, lambdatest.Config{}, "answer "+strings.ReplaceAll(c.answer, "<id>", "2"))
			m := mapping(client, arn, f, rec)
			m.Checkpoints, m.MaxBackoff, m.Backoff = &Checkpoints{}, time.Hour, time.Hour
			stop := running(t, m.Run)
			d := rec.await(t, 1)[0]
			stop()
			seq := streamRecords(t, d)
			want := seq[1].Kinesis.SequenceNumber
			if c.failed {
				want = seq[0].Kinesis.SequenceNumber
			}
			if c.err {
				want = ""
			}
			if got := m.Checkpoints.All()["shardId-000000000000"]; got != want || c.err != (d.Err != nil) {
				t.Errorf("checkpoint %q, want %q (%v)", got, want, d.Err)
			}
		})
	}
}

func TestShardIsReadInOrderWithOneBatchInFlight(t *testing.T) {
	t.Parallel()
	client, rec := kinesisClient(), &recorder{}
	arn := stream(t, client, 1)
	f, _ := function(t, lambdatest.Config{Concurrency: 4}, "sleep 20ms")
	put(t, client, arn, letters(0, 60)...)
	m := mapping(client, arn, f, rec)
	m.BatchSize = 7
	running(t, m.Run)
	rec.await(t, 9)
	if all := strings.Fields(strings.Join(data(t, rec.all()), " ")); !slices.Equal(all, letters(0, 60)) {
		t.Errorf("delivered %q", all)
	}
	if n := len(f.PIDs()); n != 1 {
		t.Errorf("%d environments were needed, want 1", n)
	}
}

func TestShardsAreReadSideBySideSoOneBlockedShardHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	client, rec := kinesisClient(), &recorder{}
	arn := stream(t, client, 4)
	_, name, _ := strings.Cut(arn, "/")
	f, _ := function(t, lambdatest.Config{Concurrency: 4}, "report stuck")
	put(t, client, arn, "stuck")
	for i := range 20 {
		_, err := client.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: &name, PartitionKey: aws.String(fmt.Sprint(i)), Data: []byte("free")})
		if err != nil {
			t.Fatal(err)
		}
	}
	running(t, mapping(client, arn, f, rec).Run)
	eventually(t, "three shards are read", func() bool {
		shards := map[string]bool{}
		for _, d := range rec.all() {
			if len(d.Failed) == 0 {
				shards[streamRecords(t, d)[0].EventID[:20]] = true
			}
		}
		return len(shards) == 3
	})
}

func TestWindowGathersAStreamsBatch(t *testing.T) {
	t.Parallel()
	client, rec := kinesisClient(), &recorder{}
	arn := stream(t, client, 1)
	f, _ := function(t, lambdatest.Config{}, allGood)
	m := mapping(client, arn, f, rec)
	m.Window = 3 * time.Second
	running(t, m.Run)
	put(t, client, arn, "a")
	time.Sleep(300 * time.Millisecond) // later, and within the window
	put(t, client, arn, "b")
	if all := data(t, rec.await(t, 1)); all[0] != "a b" {
		t.Errorf("delivered %q", all)
	}
}

func TestStreamsBatchIsCutAt6MBWithBase64Counted(t *testing.T) {
	t.Parallel()
	client, rec := kinesisClient(), &recorder{}
	arn := stream(t, client, 1)
	f, _ := function(t, lambdatest.Config{}, allGood)
	for i := range 6 {
		put(t, client, arn, fmt.Sprint(i)+strings.Repeat("x", 999_000))
	}
	running(t, mapping(client, arn, f, rec).Run)
	var seen strings.Builder
	eventually(t, "all are delivered", func() bool {
		seen.Reset()
		for _, d := range rec.all() {
			if len(d.Event) > lambdatest.MaxPayload {
				t.Fatalf("event of %d bytes", len(d.Event))
			}
			for _, r := range streamRecords(t, d) {
				seen.WriteByte(r.Kinesis.Data[0])
			}
		}
		return seen.Len() == 6
	})
	if seen.String() != "012345" || len(rec.all()) != 2 {
		t.Errorf("%s in %d batches", seen.String(), len(rec.all()))
	}
}

func TestStreamStartsWhereItIsTold(t *testing.T) {
	client := kinesisClient()
	f, _ := function(t, lambdatest.Config{Concurrency: 3}, allGood)
	arn := stream(t, client, 1)
	put(t, client, arn, "old")
	time.Sleep(50 * time.Millisecond)
	read := func(start string, at *Checkpoints, want int, more ...string) []string {
		rec := &recorder{}
		m := mapping(client, arn, f, rec)
		m.StartingPosition, m.Checkpoints = start, at
		stop := running(t, m.Run)
		time.Sleep(500 * time.Millisecond) // so that it has begun
		put(t, client, arn, more...)
		words := func() []string { return strings.Fields(strings.Join(data(t, rec.all()), " ")) }
		eventually(t, "all are read", func() bool { return len(words()) >= want })
		stop()
		return words()
	}
	at := &Checkpoints{}
	if got := read(TrimHorizon, at, 1); !slices.Equal(got, []string{"old"}) {
		t.Errorf("trim horizon: %q", got)
	}
	if got := read(Latest, nil, 1, "new"); !slices.Equal(got, []string{"new"}) {
		t.Errorf("latest: %q", got)
	}
	if got := read(TrimHorizon, at, 2, "newer"); !slices.Equal(got, []string{"new", "newer"}) {
		t.Errorf("checkpoint: %q", got)
	}
}

func TestChildShardWaitsForTheEndOfBothItsParents(t *testing.T) {
	t.Parallel()
	client, rec := kinesisClient(), &recorder{}
	arn := stream(t, client, 2)
	_, name, _ := strings.Cut(arn, "/")
	f, _ := function(t, lambdatest.Config{Concurrency: 3}, "sleep 500ms")
	for _, hash := range []string{"0", "300000000000000000000000000000000000000"} { // the low and the high shard
		_, err := client.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: &name, PartitionKey: aws.String("key"), ExplicitHashKey: &hash, Data: []byte("x")})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := client.MergeShards(t.Context(), &kinesis.MergeShardsInput{
		StreamName: &name, ShardToMerge: aws.String("shardId-000000000000"), AdjacentShardToMerge: aws.String("shardId-000000000001"),
	})
	if err != nil {
		t.Fatal(err)
	}
	m := mapping(client, arn, f, rec)
	m.Checkpoints = &Checkpoints{}
	running(t, m.Run)
	eventually(t, "both parents are in flight", func() bool { return len(f.PIDs()) == 2 })
	var shards []string
	for _, d := range rec.await(t, 3) { // the server copies the parents' records to the child
		shards = append(shards, streamRecords(t, d)[0].EventID[:20])
	}
	slices.Sort(shards[:2])
	if !slices.Equal(shards, []string{"shardId-000000000000", "shardId-000000000001", "shardId-000000000002"}) {
		t.Errorf("delivered %q", shards)
	}
	if at := m.Checkpoints.All(); at[shards[0]] != shardEnd || at[shards[1]] != shardEnd || len(f.PIDs()) != 2 {
		t.Errorf("checkpoints %v, %d environments", at, len(f.PIDs()))
	}
}

func TestShardStartsOnlyWhenEachParentThatStillExistsIsAtItsEnd(t *testing.T) {
	of := func(id string, parents ...string) shard { return shard{id: id, parents: parents} }
	for _, c := range []struct {
		name   string
		shards []shard
		at     map[string]string
		want   []string
	}{
		{"no parents", []shard{of("a"), of("b")}, nil, []string{"a", "b"}},
		{"parent not read", []shard{of("a"), of("b", "a")}, nil, []string{"a"}},
		{"parent half read", []shard{of("a"), of("b", "a")}, map[string]string{"a": "7"}, []string{"a"}},
		{"parent at its end", []shard{of("a"), of("b", "a"), of("c", "a")}, map[string]string{"a": shardEnd}, []string{"b", "c"}},
		{"one of two merged parents at its end", []shard{of("a"), of("b"), of("c", "a", "b")}, map[string]string{"a": shardEnd}, []string{"b"}},
		{"the other one", []shard{of("a"), of("b"), of("c", "a", "b")}, map[string]string{"b": shardEnd}, []string{"a"}},
		{"both", []shard{of("a"), of("b"), of("c", "a", "b")}, map[string]string{"a": shardEnd, "b": shardEnd}, []string{"c"}},
		{"parent trimmed away", []shard{of("c", "a", "b")}, nil, []string{"c"}},
	} {
		s := Stream{Checkpoints: &Checkpoints{at: c.at}}
		var got []string
		for _, ready := range s.startable(c.shards, nil) {
			got = append(got, ready.id)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q may start, want %q", c.name, got, c.want)
		}
	}
}

func TestStreamRefusesWhatAWSRefuses(t *testing.T) {
	client := kinesisClient()
	arn := stream(t, client, 1)
	for _, c := range []struct {
		stream Stream
		want   string
	}{
		{Stream{ARN: "logs"}, "not the ARN of a stream"},
		{Stream{ARN: arn, BatchSize: 10_001}, "between 1 and 10000"},
		{Stream{ARN: arn, StartingPosition: "MIDDLE"}, "TRIM_HORIZON or LATEST"},
		{Stream{ARN: arn, MaximumRetryAttempts: -2}, "between -1 and 10000"},
		{Stream{ARN: arn, Window: time.Hour}, "between 0 and 300 s"},
		{Stream{ARN: arn + "-none"}, "ResourceNotFound"},
	} {
		c.stream.Client = client
		if err := c.stream.Run(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// note is the one message of the on-failure destination.
func note(t *testing.T, client *sqs.Client, url string) discarded {
	t.Helper()
	var body string
	eventually(t, "a discarded batch", func() bool {
		out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return false
		}
		body = *out.Messages[0].Body
		return true
	})
	var n discarded
	if err := json.Unmarshal([]byte(body), &n); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return n
}
