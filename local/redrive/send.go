package redrive

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func fits(entries []types.SendMessageBatchRequestEntry) int {
	size := 0
	for n, e := range entries {
		size += len(*e.MessageBody)
		for name, v := range e.MessageAttributes {
			size += len(name) + len(aws.ToString(v.DataType)) + len(aws.ToString(v.StringValue)) + len(v.BinaryValue)
		}
		if n > 0 && size > maxBatch {
			return n
		}
	}
	return len(entries)
}

// send says which entries the queue has confirmed. What it refuses is kept; an answer
// that does not come ends the redrive: the letters are where they were.
func (m Move) send(ctx context.Context, entries []types.SendMessageBatchRequestEntry, kept map[string]int) (sent []bool, err error) {
	sent = make([]bool, len(entries))
	at := map[string]int{}
	for i, e := range entries {
		at[*e.Id] = i
	}
	left := entries
	for try := 1; len(left) > 0; try++ {
		out, err := m.From.Client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &m.To, Entries: left})
		if err != nil {
			return sent, fmt.Errorf("send to %s: %w", m.To, err)
		}
		for _, ok := range out.Successful {
			if i, known := at[aws.ToString(ok.Id)]; known {
				sent[i] = true
			}
		}
		left = nil
		for _, f := range out.Failed {
			if i, known := at[aws.ToString(f.Id)]; known && !f.SenderFault && try < tries {
				left = append(left, entries[i])
			} else {
				kept["the queue refuses it: "+aws.ToString(f.Code)]++
			}
		}
		if len(left) > 0 {
			if err := pause(ctx, m.Wait); err != nil {
				return sent, err
			}
		}
	}
	return sent, nil
}

// delete takes what was sent out of the queue, and says which are gone.
func (m Move) delete(ctx context.Context, letters []Letter) (deleted []bool) {
	deleted = make([]bool, len(letters))
	ctx = context.WithoutCancel(ctx) // they are sent: not to delete them would move them twice
	for try := 1; try <= tries; try++ {
		in := &sqs.DeleteMessageBatchInput{QueueUrl: &m.From.URL}
		for i, l := range letters {
			if !deleted[i] {
				in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: l.Message.ReceiptHandle})
			}
		}
		if len(in.Entries) == 0 {
			break
		}
		out, err := m.From.Client.DeleteMessageBatch(ctx, in)
		if err != nil {
			_ = pause(ctx, m.Wait)
			continue
		}
		for _, ok := range out.Successful {
			if i, err := strconv.Atoi(aws.ToString(ok.Id)); err == nil && i < len(deleted) {
				deleted[i] = true
			}
		}
	}
	return deleted
}

func chosen(letters []Letter, yes []bool) (some []Letter) {
	for i, l := range letters {
		if yes[i] {
			some = append(some, l)
		}
	}
	return some
}
