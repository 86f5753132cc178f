package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/lambda"
)

func zipped(text string) []byte { return []byte(gzipped(text)) }

// stream makes a stream of two shards and puts the records.
func (s *scene) stream(records [][]byte) (arn string) {
	s.Helper()
	_, err := world.kin.CreateStream(s.Context(), &kinesis.CreateStreamInput{StreamName: &s.collection, ShardCount: aws.Int32(2)})
	if err != nil {
		s.Fatal(err)
	}
	for len(records) > 0 {
		n := min(500, len(records))
		in := &kinesis.PutRecordsInput{StreamName: &s.collection}
		for i, r := range records[:n] {
			in.Records = append(in.Records, types.PutRecordsRequestEntry{Data: r, PartitionKey: aws.String(fmt.Sprint(i))})
		}
		if out, err := world.kin.PutRecords(s.Context(), in); err != nil || aws.ToInt32(out.FailedRecordCount) > 0 {
			s.Fatal(err)
		}
		records = records[n:]
	}
	return "arn:aws:kinesis:us-east-1:000000000000:stream/" + s.collection
}

// Plain, gzipped and poisoned records in a real stream, while items are throttled at
// random places and environments are killed: each is stored once or dead-lettered once.
func TestStreamStoresEachRecordOnceThroughThrottlingAndKills(t *testing.T) {
	t.Parallel()
	s := newScene(t, strings.Replace(appendOnly, "lines: [combined, text]\n", "", 1))
	fn := s.function("ingest", merged(atOnce, map[string]string{"DEFAULT_COLLECTION": s.collection, "OPENSEARCH_BACKOFF_MAX": "50ms", "DEADLINE_RESERVE": "27s"}))
	const n = 2000
	var records [][]byte
	for i, line := range strings.Split(strings.TrimSpace(lines(n)), "\n") {
		if i%2 == 0 {
			records = append(records, []byte(line))
		} else {
			records = append(records, zipped(line))
		}
		if i%500 == 250 {
			records = append(records, []byte(`{"broken`))
		}
	}
	arn := s.stream(records)
	for _, word := range []string{"line 100", "line 777", "line 1500"} {
		s.proxy.Inject(faultproxy.Bulk, 30, faultproxy.Items(refuse(`"`+word+`"`, 429, "rejected_execution_exception")))
	}
	stop := s.runs(lambda.Stream{
		Client: world.kin, ARN: arn, Function: fn, BatchSize: 200, Window: 200 * time.Millisecond,
		MaximumRetryAttempts: -1, BisectBatchOnFunctionError: true, ReportBatchItemFailures: true, MaxBackoff: 200 * time.Millisecond,
	}.Run)
	for range 2 {
		time.Sleep(500 * time.Millisecond)
		fn.Kill()
	}
	eventually(t, time.Minute, func() string {
		if got := len(s.documents()); got < n {
			return fmt.Sprintf("%d documents of %d", got, n)
		}
		return ""
	})
	time.Sleep(time.Second) // and no more come
	stop()
	if got := len(s.documents()); got != n {
		t.Errorf("%d documents, want %d", got, n)
	}
	poisons := map[string]int{}
	for _, m := range s.deadLetters() {
		poisons[aws.ToString(m.Body)]++
	}
	if len(poisons) != 1 || poisons[`{"broken`] < 4 {
		t.Errorf("dead letters %v, want the four poisons (more often only if a batch came again)", poisons)
	}
}

func TestStreamReportsTheLowestFailedSequenceNumberOnly(t *testing.T) {
	t.Parallel()
	s := newScene(t, appendOnly)
	fn := s.function("ingest", merged(quick, map[string]string{"DEFAULT_COLLECTION": s.collection}))
	s.proxy.Inject(faultproxy.Bulk, -1, faultproxy.Items(refuse("two", 429, "rejected_execution_exception")))
	var records []map[string]any
	for i, word := range []string{"one", "two", "three", "two"} {
		sequence := fmt.Sprintf("4957108000000000000000000000000000000000000000000000000%d", 7+i) // the third has one digit more
		body := fmt.Sprintf(`{"@timestamp":"2026-03-01T10:00:00Z","message":%q}`, word)
		records = append(records, map[string]any{
			"kinesis": map[string]any{"kinesisSchemaVersion": "1.0", "partitionKey": "k", "sequenceNumber": sequence,
				"data": base64.StdEncoding.EncodeToString([]byte(body)), "approximateArrivalTimestamp": 1772359200.123},
			"eventSource": "aws:kinesis", "eventVersion": "1.0", "eventName": "aws:kinesis:record", "awsRegion": "us-east-1",
			"eventID": "shardId-000000000000:" + sequence, "invokeIdentityArn": "arn:aws:iam::000000000000:role/x",
			"eventSourceARN": "arn:aws:kinesis:us-east-1:000000000000:stream/" + s.collection,
		})
	}
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	s.same("batchItemFailures", s.invoke(fn, payload), []string{"49571080000000000000000000000000000000000000000000000008"})
	s.proxy.Heal()
	s.same("delivered again", s.invoke(fn, payload), none)
	if got := len(s.documents()); got != 4 {
		t.Errorf("%d documents, want 4", got)
	}
}
