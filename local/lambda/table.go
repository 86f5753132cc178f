package lambda

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// tableSource is the stream of a DynamoDB table.
type tableSource struct {
	client     *dynamodbstreams.Client
	arn, epoch string
}

func (t tableSource) list(ctx context.Context) (all []shard, err error) {
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &t.arn}
	for {
		out, err := t.client.DescribeStream(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, s := range out.StreamDescription.Shards {
			all = append(all, shard{
				id: deref(s.ShardId), parents: parents(s.ParentShardId),
				closed: s.SequenceNumberRange != nil && s.SequenceNumberRange.EndingSequenceNumber != nil,
			})
		}
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			return all, nil
		}
	}
}

func (t tableSource) seek(ctx context.Context, shard, after, start string, _ time.Time) (*string, error) {
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: &t.arn, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	switch {
	case after != "":
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, aws.String(strings.TrimPrefix(after, t.epoch))
	case start == Latest:
		in.ShardIteratorType = types.ShardIteratorTypeLatest
	}
	out, err := t.client.GetShardIterator(ctx, in)
	if err != nil {
		return nil, err
	}
	return out.ShardIterator, nil
}

// mostOfTable is the API's limit.
const mostOfTable = 1000

func (t tableSource) read(ctx context.Context, _ string, iterator *string, limit int) (r reading, err error) {
	out, err := t.client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(int32(min(limit, mostOfTable)))})
	if _, expired := errors.AsType[*types.ExpiredIteratorException](err); expired {
		return reading{expired: true}, nil
	}
	if err != nil {
		return r, err
	}
	r.next, r.tip = out.NextShardIterator, len(out.Records) == 0
	for _, record := range out.Records {
		change := record.Dynamodb
		change.SequenceNumber = aws.String(t.epoch + deref(change.SequenceNumber))
		r.items = append(r.items, item{*change.SequenceNumber, aws.ToTime(change.ApproximateCreationDateTime), encodeChange(record, t.arn)})
	}
	return r, nil
}

func (tableSource) note(batch *batchInfo, in *discarded) { in.Table = batch }
