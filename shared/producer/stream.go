package producer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/message"
)

// StreamAPI is the part of *kinesis.Client that a producer needs.
type StreamAPI interface {
	PutRecords(context.Context, *kinesis.PutRecordsInput, ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error)
}

// NewStream makes a producer for a Kinesis stream, by its name or ARN. Records of one key
// stay in order; those without are spread by what they hold.
func NewStream(api StreamAPI, stream string, c Config) *Producer {
	in := kinesis.PutRecordsInput{StreamName: &stream}
	if len(stream) > 4 && stream[:4] == "arn:" {
		in = kinesis.PutRecordsInput{StreamARN: &stream}
	}
	return newProducer(kinesisStream{api, in}, c)
}

type kinesisStream struct {
	api  StreamAPI
	name kinesis.PutRecordsInput
}

const (
	streamBatch  = 500
	streamBytes  = 5 << 20 // of a request, partition keys included
	partitionKey = 256     // characters
)

func (s kinesisStream) limits() (messages, bytes int) { return streamBatch, streamBytes }

func (s kinesisStream) wrap(m Message) (parcel, error) {
	if len(m.Body) == 0 {
		return parcel{}, empty()
	}
	p := parcel{Message: m, key: cmp.Or(m.Key, m.ID), body: m.Body}
	p.size = len(p.body) + len(partition(p))
	if p.size > maxRecord && len(m.Body) <= message.MaxUnpacked {
		p.body = message.Gzip(m.Body)
		p.size = len(p.body) + len(partition(p))
	}
	if p.size > maxRecord {
		return parcel{}, tooLarge(p.size)
	}
	return p, nil
}

func (s kinesisStream) put(ctx context.Context, batch []parcel) []error {
	in := s.name
	for _, p := range batch {
		in.Records = append(in.Records, types.PutRecordsRequestEntry{Data: p.body, PartitionKey: aws.String(partition(p))})
	}
	out, err := s.api.PutRecords(ctx, &in)
	if err != nil {
		return all(requestFault(err), len(batch))
	}
	fates := all(fault.New(fault.Unavailable, "the stream did not say whether it took the record: send it again"), len(batch))
	for i, r := range out.Records {
		if i == len(batch) {
			break
		}
		fates[i] = recordFate(r)
	}
	return fates
}

func recordFate(r types.PutRecordsResultEntry) error {
	switch code := aws.ToString(r.ErrorCode); code {
	case "":
		return nil
	case "ProvisionedThroughputExceededException":
		return fault.Wrap(fault.Throttled, "the stream's shard is full: send the record again", errors.New(code))
	default:
		return fault.Wrap(fault.Unavailable, "the stream did not take the record", errors.New(code))
	}
}

func partition(p parcel) string {
	if p.key != "" && len(p.key) <= partitionKey {
		return p.key
	}
	sum := sha256.Sum256(append([]byte(p.key), p.Body...))
	if p.key != "" {
		sum = sha256.Sum256([]byte(p.key))
	}
	return hex.EncodeToString(sum[:16])
}
