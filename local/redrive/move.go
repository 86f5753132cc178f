package redrive

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	Rest
}

const (
	maxBatch      = 1 << 20
	maxAttributes = 10
	tries         = 3
)

// Run moves letters until all that were there when it began have had their turn.
func (m Move) Run(ctx context.Context) (Moved, error) {
	m.Wait = cmp.Or(m.Wait, time.Second)
	r := &run{Move: m, out: Moved{Kept: map[string]int{}}, began: time.Now(), again: again{moved: map[string]bool{}}}
	var err error
	if r.again.began, err = m.From.clock(ctx); err != nil {
		return r.out, err
	}
	r.out.Rest, err = m.From.each(ctx, func(some []Letter) ([]Letter, error) { return r.some(ctx, some) })
	return r.out, err
}

// run is a Move under way.
type run struct {
	Move
	out   Moved
	began time.Time
	again again
}

// some moves a few letters and returns those that are gone from the queue.
func (r *run) some(ctx context.Context, letters []Letter) (gone []Letter, err error) {
	entries, ready := r.prepare(letters)
	for len(entries) > 0 {
		n := fits(entries)
		sent, err := r.send(ctx, entries[:n], r.out.Kept)
		moved := chosen(ready[:n], sent)
		deleted := chosen(moved, r.delete(ctx, moved))
		r.again.note(moved, r.began)
		gone = append(gone, deleted...)
		r.out.Moved, r.out.Twice = r.out.Moved+len(deleted), r.out.Twice+len(moved)-len(deleted)
		if err != nil {
			return gone, err
		}
		entries, ready = entries[n:], ready[n:]
	}
	if r.Tell != nil && len(gone) > 0 {
		r.Tell(r.out.Moved)
	}
	return gone, r.brake(ctx, r.began, r.out.Moved)
}

// prepare makes entries of the letters that may go.
func (r *run) prepare(letters []Letter) (entries []types.SendMessageBatchRequestEntry, ready []Letter) {
	for _, l := range letters {
		if r.again.died(l) {
			continue
		}
		e, err := r.entry(l)
		if err != nil {
			r.out.Kept[err.Error()]++
			continue
		}
		e.Id = aws.String(strconv.Itoa(len(entries)))
		entries, ready = append(entries, e), append(ready, l)
	}
	return entries, ready
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
