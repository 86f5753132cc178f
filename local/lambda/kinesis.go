package lambda

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// kinesisSource is a Kinesis stream.
type kinesisSource struct {
	client    *kinesis.Client
	arn, name string
}

func (k kinesisSource) list(ctx context.Context) (all []shard, err error) {
	in := &kinesis.ListShardsInput{StreamName: &k.name}
	for {
		out, err := k.client.ListShards(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, s := range out.Shards {
			all = append(all, shard{
				id: deref(s.ShardId), parents: parents(s.ParentShardId, s.AdjacentParentShardId),
				closed: s.SequenceNumberRange != nil && s.SequenceNumberRange.EndingSequenceNumber != nil,
			})
		}
		if out.NextToken == nil {
			return all, nil
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
}

func parents(ids ...*string) (all []string) {
	for _, id := range ids {
		if id != nil {
			all = append(all, *id)
		}
	}
	return all
}

// seek: Latest is the time at which the mapping began, which also holds for a child shard
// and after an error.
func (k kinesisSource) seek(ctx context.Context, shard, after, start string, began time.Time) (*string, error) {
	in := &kinesis.GetShardIteratorInput{StreamName: &k.name, ShardId: &shard}
	switch {
	case after != "":
		in.ShardIteratorType, in.StartingSequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &after
	case start == Latest:
		in.ShardIteratorType, in.Timestamp = types.ShardIteratorTypeAtTimestamp, &began
	default:
		in.ShardIteratorType = types.ShardIteratorTypeTrimHorizon
	}
	out, err := k.client.GetShardIterator(ctx, in)
	if err != nil {
		return nil, err
	}
	return out.ShardIterator, nil
}

func (k kinesisSource) read(ctx context.Context, shard string, iterator *string, limit int) (r reading, err error) {
	out, err := k.client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(int32(limit))})
	if _, expired := errors.AsType[*types.ExpiredIteratorException](err); expired {
		return reading{expired: true}, nil
	}
	if err != nil {
		return r, err
	}
	r.next, r.tip = out.NextShardIterator, out.MillisBehindLatest == nil || *out.MillisBehindLatest == 0
	for _, record := range out.Records {
		r.items = append(r.items, item{deref(record.SequenceNumber), arrived(record), encodeRecord(record, shard, k.arn)})
	}
	return r, nil
}

func (kinesisSource) note(batch *batchInfo, in *discarded) { in.Kinesis = batch }
