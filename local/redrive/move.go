package redrive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/deadletter"
)

// Move is one redrive.
type Move struct {
	From Queue
	To   string        // queue URL
	Rate float64       // letters a second; 0: as fast as it goes
	Tell func(n int)   // called with the number moved so far
	Wait time.Duration // between tries of what the queue did not take; 0: a second
}

// Moved is what became of the letters.
type Moved struct {
	Moved int            // sent, confirmed and deleted
	Twice int            // sent and confirmed, but not deleted: they may be moved again, which changes nothing
	Kept  map[string]int // not sent, and why
	Full  bool           // there may be more
}

const (
	maxBatch      = 1 << 20
	maxAttributes = 10
	tries         = 3
)

// Run moves letters until all that were there when it began have had their turn.
func (m Move) Run(ctx context.Context) (out Moved, err error) {
	out.Kept = map[string]int{}
	m.Wait = cmp.Or(m.Wait, time.Second)
	began, seen := time.Now(), again{moved: map[string]bool{}}
	if seen.began, err = m.From.clock(ctx); err != nil {
		return out, err
	}
	out.Full, err = m.From.each(ctx, func(some []Letter) (gone []Letter, err error) {
		entries := make([]types.SendMessageBatchRequestEntry, 0, len(some))
		var ready []Letter
		for _, l := range some {
			if seen.died(l) {
				continue
			}
			e, err := m.entry(l)
			if err != nil {
				out.Kept[err.Error()]++
				continue
			}
			e.Id = aws.String(strconv.Itoa(len(entries)))
			entries, ready = append(entries, e), append(ready, l)
		}
		for len(entries) > 0 {
			n := fits(entries)
			sent, err := m.send(ctx, entries[:n], out.Kept)
			some := chosen(ready[:n], sent)
			deleted := m.delete(ctx, some)
			gone = append(gone, chosen(some, deleted)...)
			seen.note(some, began)
			out.Moved, out.Twice = out.Moved+count(deleted), out.Twice+len(some)-count(deleted)
			if err != nil {
				return gone, err
			}
			entries, ready = entries[n:], ready[n:]
		}
		if m.Tell != nil && len(gone) > 0 {
			m.Tell(out.Moved)
		}
		return gone, m.brake(ctx, began, out.Moved)
	})
	return out, err
}

// brake waits until the rate allows more.
func (m Move) brake(ctx context.Context, began time.Time, moved int) error {
	if m.Rate <= 0 {
		return ctx.Err()
	}
	return pause(ctx, time.Until(began.Add(time.Duration(float64(moved)/m.Rate*float64(time.Second)))))
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

var errNoRoom = errors.New("its ten attributes leave no room for its id: without it, it would be another document")

// entry is a letter as it is sent. What SQS moved has its id, and the time it arrived,
// nowhere but in the message that is left behind: they come along in a note.
func (m Move) entry(l Letter) (e types.SendMessageBatchRequestEntry, err error) {
	e.MessageBody, e.MessageAttributes = l.Message.Body, map[string]types.MessageAttributeValue{}
	for name, v := range l.Message.MessageAttributes {
		e.MessageAttributes[name] = types.MessageAttributeValue{DataType: v.DataType, StringValue: v.StringValue, BinaryValue: v.BinaryValue}
	}
	if !l.ours {
		if len(e.MessageAttributes) >= maxAttributes {
			return e, errNoRoom
		}
		e.MessageAttributes[deadletter.Attribute] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(l.Note.String())}
	}
	if strings.HasSuffix(m.To, ".fifo") {
		e.MessageGroupId = aws.String(cmp.Or(system(l.Message, types.MessageSystemAttributeNameMessageGroupId), l.Note.Group, "redriven"))
		e.MessageDeduplicationId = l.Message.MessageId // the same if it is sent twice
	}
	return e, nil
}

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

func count(yes []bool) (n int) {
	for _, y := range yes {
		if y {
			n++
		}
	}
	return n
}
