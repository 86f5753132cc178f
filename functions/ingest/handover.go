package main

import (
	"context"
	"log/slog"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/deadletter"
	"github.com/sluice-dev/sluice/shared/object"
)

// returns is the way back to the queues that batches come from; safe for concurrent use.
type returns struct {
	queue     queue
	addresses *addresses
}

// successor is a message that takes the place of another, or of a part of it.
type successor struct {
	record *record // of the message that it succeeds
	notice object.Notice
	extent
	delay int32 // seconds
}

// pushedBack is how long, in seconds, what OpenSearch did not take stays hidden.
const pushedBack = 30

var notHandedOver = bulk.Verdict{Outcome: bulk.Retry, Type: "not_handed_over"}

// handOver sends successors to the queue. A record with one that is not known to be there
// comes again itself: what is done twice then has the same ids.
func (d *delivery) handOver(ctx context.Context, all []successor) {
	for some := range slices.Chunk(all, maxEntries) {
		sent, err := d.returns.send(ctx, some)
		for i, s := range some {
			if i < len(sent) && sent[i] {
				d.counts.continued++
				continue
			}
			s.record.failed = true
			d.problem.note(notHandedOver)
		}
		if err != nil {
			d.log.LogAttrs(ctx, slog.LevelWarn, "the rest of a notification is not back in the queue", slog.Any("error", err))
		}
	}
}

func (r returns) send(ctx context.Context, some []successor) ([]bool, error) {
	url, err := r.addresses.of(ctx, some[0].record.queue)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, len(some))
	for i, s := range some {
		entries[i].SendMessageBatchRequestEntry = types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(s.notice.Body)),
			DelaySeconds: s.delay, MessageAttributes: s.attributes(),
		}
	}
	return letters{queue: r.queue}.send(ctx, url, entries)
}

func (s successor) attributes() map[string]types.MessageAttributeValue {
	all := [][2]string{{"collection", s.record.Attribute}, {"range", s.String()}, {"etag", s.etag}}
	if was := s.record.note; was != nil { // it came back, and died more than once maybe
		note := *was
		note.Object, note.Bytes, note.Encoding = "", 0, ""
		all = append(all, [2]string{deadletter.Attribute, note.String()})
	}
	return attributesOf(all)
}
