package chaos

import (
	"bytes"
	"compress/gzip"
	"context"
	"regexp"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/sluice-dev/sluice/local/lambda"
)

// produceStream puts records of several documents, every second one gzipped.
func (s *stage) produceStream(ctx context.Context) {
	records := (s.count["events"] + perMessage - 1) / perMessage
	for m := 0; m < records && ctx.Err() == nil; m++ {
		text, docs := s.events("events", m)
		s.pace(ctx, docs)
		s.put(ctx, strconv.Itoa(m), text, m%2 == 1)
	}
}

// put puts one record; its partition key is its number.
func (s *stage) put(ctx context.Context, key, text string, packed bool) {
	data := []byte(text)
	if packed {
		data = zipped(data)
	}
	s.insist(ctx, "put", func() error {
		_, err := s.kinesis.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: aws.String("events"),
			Records: []kinesistypes.PutRecordsRequestEntry{{Data: data, PartitionKey: &key}}})
		return err
	})
}

// taken notes what the stream's mapping has got done.
func (s *stage) taken(d lambda.Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	failed := map[string]bool{}
	for _, id := range d.Failed {
		failed[id] = true
	}
	for _, m := range partitionKey.FindAllSubmatch(d.Event, -1) {
		if n, err := strconv.Atoi(string(m[1])); err == nil {
			s.records[n] = s.records[n] || !failed[string(m[2])]
		}
	}
}

var partitionKey = regexp.MustCompile(`"partitionKey":"(\d+)","sequenceNumber":"(\d+)"`)

// unread counts the stream records that were handed out and are not taken in, and lists
// those that never were.
func (s *stage) unread() (behind int, withheld []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for m := range (s.count["events"] + perMessage - 1) / perMessage {
		done, out := s.records[m]
		switch {
		case !out:
			withheld = append(withheld, m)
		case !done:
			behind++
		}
	}
	return behind, withheld
}

func zipped(data []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(data)
	_ = z.Close()
	return out.Bytes()
}
