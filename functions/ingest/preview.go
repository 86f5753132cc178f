package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/fault"
)

// preview says what would become of each record of a batch if it came now. It is ingest
// but for its ends: documents go into copies of their indices, which are deleted before
// it answers, and dead letters nowhere. It hands every record back, so that whoever
// switches it on where records come loses none.
type preview struct {
	*handler
	cluster cluster
	stored  versions
}

// fate is a record's.
type fate struct {
	ID         string `json:"id"`
	Outcome    string `json:"outcome"` // stored; refused: it would be a dead letter; unknown: something failed
	Type       string `json:"type,omitempty"`
	Cause      string `json:"cause,omitempty"`
	Collection string `json:"collection,omitempty"`
}

// outlook is the answer's part that Lambda ignores. Documents counts what the records
// that are not refused would come to.
type outlook struct {
	Records   []fate         `json:"records"`
	Documents map[string]int `json:"documents"`
}

const removeWithin = 10 * time.Second

func (p *preview) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	c := &copies{cluster: p.cluster, stored: p.stored, writer: p.writer, names: map[string]string{}, now: p.now}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeWithin)
		defer cancel()
		c.remove(ctx, p.log)
	}()
	h := *p.handler
	h.indices, h.writer, h.letters.queue, h.letters.store = c, c, nowhere{}, readOnly{p.letters.store}
	h.history = untouched{p.history}
	h.visibility = visibility{} // nothing has come from a queue
	h.objects = nil             // a notification is left as one: reading its object here would be no preview
	d, _, err := h.handle(ctx, payload, &memory{})
	if err != nil {
		return nil, err
	}
	all := make([]string, len(d.records))
	out := outlook{Documents: map[string]int{
		"stored": d.counts.outcomes[bulk.Stored] - c.overwritten, "stored_already": d.counts.outcomes[bulk.Duplicate],
		"stale": d.counts.outcomes[bulk.Stale], "deleted": d.counts.outcomes[bulk.Gone], "overwritten": c.overwritten,
	}}
	for i := range d.records {
		all[i] = d.records[i].item
		out.Records = append(out.Records, d.fate(&d.records[i]))
	}
	answer := response(all)
	extra, err := json.Marshal(out)
	return append(append(append(answer[:len(answer)-1], `,"preview":`...), extra...), '}'), err
}

func (d *delivery) fate(r *record) fate {
	switch {
	case r.dead != nil && !r.failed:
		return fate{r.item, "refused", r.dead.kind, cut(r.dead.cause, maxCause), r.dead.collection}
	case r.failed && d.problem.err != nil:
		return fate{r.item, "unknown", fault.KindOf(d.problem.err).String(), d.problem.err.Error(), r.claimed}
	case r.failed:
		return fate{r.item, "unknown", d.problem.kind, "", r.claimed}
	}
	return fate{ID: r.item, Outcome: "stored", Collection: r.claimed}
}

// nowhere takes dead letters and keeps none.
type nowhere struct{}

func (nowhere) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	out := &sqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id})
	}
	return out, nil
}

// untouched is a history whose second copies stay.
type untouched struct{ history }

func (untouched) KeepFirst(context.Context, []string, []string) error { return nil }

// readOnly is a store that keeps nothing.
type readOnly struct{ store }

func (readOnly) Put(context.Context, string, string, []byte) error { return nil }
