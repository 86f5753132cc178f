package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/fault"
)

// sendBatch sends what is left of a batch until all is taken or refused, a few times.
func (q sqsQueue) sendBatch(ctx context.Context, batch []message, fates []error) {
	left := make([]int, len(batch))
	for i := range left {
		left[i] = i
	}
	for round := range maxRounds {
		if round > 0 && !wait(ctx, time.Duration(rand.Int64N(int64(100*time.Millisecond)<<round))) {
			return
		}
		out, err := q.api.SendMessageBatch(ctx, q.input(batch, left))
		if err != nil { // the SDK has tried again already
			for _, i := range left {
				fates[i] = fault.Wrap(fault.Unavailable, "the queue cannot be reached: send the document again", err)
			}
			return
		}
		if left = settle(out, fates, left); len(left) == 0 {
			return
		}
	}
}

func (q sqsQueue) input(batch []message, left []int) *sqs.SendMessageBatchInput {
	in := &sqs.SendMessageBatchInput{QueueUrl: &q.url}
	for _, i := range left {
		attributes := map[string]types.MessageAttributeValue{"collection": text(batch[i].collection)}
		if batch[i].id != "" {
			attributes["id"] = text(batch[i].id)
		}
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: &batch[i].body, MessageAttributes: attributes,
		})
	}
	return in
}

func text(value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
}

// settle notes each entry's fate and returns those to send again. An entry that the
// answer does not name was not taken.
func settle(out *sqs.SendMessageBatchOutput, fates []error, left []int) (again []int) {
	named := map[string]error{}
	for _, f := range out.Failed {
		kind := fault.Unavailable
		if f.SenderFault {
			kind = fault.Invalid
		}
		named[aws.ToString(f.Id)] = fault.Wrap(kind, "the queue did not take the document", errors.New(aws.ToString(f.Code)))
	}
	for _, s := range out.Successful {
		named[aws.ToString(s.Id)] = nil
	}
	for _, i := range left {
		err, ok := named[strconv.Itoa(i)]
		if !ok {
			err = fault.New(fault.Unavailable, "the queue did not say whether it took the document: send it again")
		}
		if fates[i] = err; err != nil && fault.KindOf(err) != fault.Invalid {
			again = append(again, i)
		}
	}
	return again
}

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
