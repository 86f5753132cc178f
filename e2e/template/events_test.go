package infra

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/big"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

type record struct {
	MessageID              string `json:"messageId"`
	ReceiptHandle          string `json:"receiptHandle"`
	Body                   string `json:"body"`
	MD5OfBody              string `json:"md5OfBody"`
	MD5OfMessageAttributes string `json:"md5OfMessageAttributes"`
	EventSource            string `json:"eventSource"`
	EventSourceARN         string `json:"eventSourceARN"`
	EventID                string `json:"eventID"`
	Attributes             map[string]string
	MessageAttributes      map[string]struct{ StringValue, DataType string }
	Kinesis                struct{ PartitionKey, SequenceNumber, Data string }
}

// records of the event files that match the pattern.
func records(t *testing.T, pattern string) map[string][]record {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(root, "events", pattern))
	if len(files) == 0 {
		t.Fatalf("no events/%s", pattern)
	}
	found := map[string][]record{}
	for _, f := range files {
		var event struct{ Records []record }
		if err := json.Unmarshal(read(t, filepath.Join("events", filepath.Base(f))), &event); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		found[filepath.Base(f)] = event.Records
	}
	return found
}

func TestQueueEventsCarryTheDigestsThatSQSComputes(t *testing.T) {
	for file, all := range records(t, "*-sqs*.json") {
		for i, r := range all {
			if got := hexMD5([]byte(r.Body)); got != r.MD5OfBody {
				t.Errorf("%s[%d]: md5OfBody %s, body's is %s", file, i, r.MD5OfBody, got)
			}
			if got := attributeMD5(r); len(r.MessageAttributes) > 0 && got != r.MD5OfMessageAttributes {
				t.Errorf("%s[%d]: md5OfMessageAttributes %s, attributes' is %s", file, i, r.MD5OfMessageAttributes, got)
			}
			if r.EventSource != "aws:sqs" || r.MessageID == "" || r.ReceiptHandle == "" || r.Attributes["SentTimestamp"] == "" {
				t.Errorf("%s[%d] is not complete", file, i)
			}
		}
	}
}

func hexMD5(b []byte) string { sum := md5.Sum(b); return hex.EncodeToString(sum[:]) }

// attributeMD5 is SQS's digest of string attributes: by name, each part after its length.
func attributeMD5(r record) string {
	names := []string{}
	for name := range r.MessageAttributes {
		names = append(names, name)
	}
	slices.Sort(names)
	var b []byte
	part := func(s string) { b = append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...) }
	for _, name := range names {
		part(name)
		part(r.MessageAttributes[name].DataType)
		b = append(b, 1)
		part(r.MessageAttributes[name].StringValue)
	}
	return hexMD5(b)
}

func TestFifoEventHasGroupsInOrder(t *testing.T) {
	last, groups := map[string]string{}, map[string]int{}
	for _, r := range records(t, "ingest-sqs-fifo*.json")["ingest-sqs-fifo.json"] {
		group, sequence := r.Attributes["MessageGroupId"], r.Attributes["SequenceNumber"]
		if group == "" || r.Attributes["MessageDeduplicationId"] == "" || len(sequence) != 20 || sequence <= last[group] {
			t.Errorf("group %q, sequence %q after %q", group, sequence, last[group])
		}
		if !strings.HasSuffix(r.EventSourceARN, ".fifo") {
			t.Errorf("%s is no FIFO queue", r.EventSourceARN)
		}
		last[group] = sequence
		groups[group]++
	}
	if len(groups) < 2 {
		t.Errorf("one group only: %v", groups)
	}
}

func TestStreamEventsDecodeAndAreInOrder(t *testing.T) {
	for file, all := range records(t, "ingest-kinesis*.json") {
		last := new(big.Int)
		for i, r := range all {
			data, err := base64.StdEncoding.DecodeString(r.Kinesis.Data)
			if err != nil {
				t.Errorf("%s[%d]: %v", file, i, err)
			}
			if strings.Contains(file, "gzip") || strings.Contains(file, "cloudwatch") {
				data = inflate(t, data)
			}
			if len(data) == 0 || bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
				t.Errorf("%s[%d]: no text inside", file, i)
			}
			n, ok := new(big.Int).SetString(r.Kinesis.SequenceNumber, 10)
			if !ok || n.Cmp(last) <= 0 || !strings.HasSuffix(r.EventID, ":"+r.Kinesis.SequenceNumber) {
				t.Errorf("%s[%d]: sequence number %s after %s in %s", file, i, r.Kinesis.SequenceNumber, last, r.EventID)
			}
			last = n
		}
	}
}

// What Lambda says once, where each group lies, offsets that ascend, bytes with a sign.
func TestKafkaEventsAreOfOneTopicAndInOrder(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(root, "events", "ingest-kafka*.json"))
	for _, f := range files {
		var e struct {
			EventSource, EventSourceArn, BootstrapServers string
			Records                                       map[string][]struct {
				Topic         string
				Partition     int
				Offset        int64
				Timestamp     int64
				TimestampType string
				Key, Value    *[]byte
				Headers       []map[string][]int8
			}
		}
		if err := json.Unmarshal(read(t, filepath.Join("events", filepath.Base(f))), &e); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if msk := e.EventSource == "aws:kafka"; e.BootstrapServers == "" || msk != strings.HasPrefix(e.EventSourceArn, "arn:aws:kafka:") || !msk && e.EventSource != "SelfManagedKafka" {
			t.Errorf("%s: %s of %q", f, e.EventSource, e.EventSourceArn)
		}
		tombstones := 0
		for group, records := range e.Records {
			last := int64(-1)
			for _, r := range records {
				if group != r.Topic+"-"+strconv.Itoa(r.Partition) || r.Offset <= last || r.Timestamp == 0 || r.TimestampType == "" {
					t.Errorf("%s: %s holds %+v", f, group, r)
				}
				if last = r.Offset; r.Value == nil {
					tombstones++
				}
			}
		}
		if len(e.Records) < 2 || tombstones == 0 {
			t.Errorf("%s: %d partitions, %d tombstones: too plain to show anything", f, len(e.Records), tombstones)
		}
	}
}

func inflate(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRequestsAreTheAPIsSecondVersionOnTheDefaultStage(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(root, "events", "search-*.json"))
	for _, f := range files {
		if strings.HasPrefix(filepath.Base(f), "search-sqs") { // the queue of exports
			continue
		}
		var e struct {
			Version, RawPath, RawQueryString string
			Headers                          map[string]string
			RequestContext                   struct {
				Stage string
				HTTP  struct{ Method, Path string } `json:"http"`
			} `json:"requestContext"`
		}
		if err := json.Unmarshal(read(t, filepath.Join("events", filepath.Base(f))), &e); err != nil {
			t.Fatal(err)
		}
		if e.Version != "2.0" || e.RequestContext.Stage != "$default" || e.RawPath != e.RequestContext.HTTP.Path || e.Headers["host"] == "" {
			t.Errorf("%s: version %s, stage %s, path %s", filepath.Base(f), e.Version, e.RequestContext.Stage, e.RawPath)
		}
	}
}
