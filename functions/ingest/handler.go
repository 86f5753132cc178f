package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/sluice-dev/sluice/shared/batch"
	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/envelope"
	"github.com/sluice-dev/sluice/shared/rotation"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

// collections finds a record's collection.
type collections interface {
	All() []*collection.Collection
	Resolve(collection.Record) (*collection.Collection, bool)
}

// indices makes sure that a target exists, made from its collection's template. An
// error of whatever kind means that nothing may be written to it now.
type indices interface {
	Ensure(ctx context.Context, target rotation.Target, template rotation.Template) error
	Forget(target rotation.Target)
}

// writer stores items, with one verdict for each: bulk.Writer.
type writer interface {
	Write(ctx context.Context, items []bulk.Item) ([]bulk.Verdict, bulk.Stats)
	// Window is the share of its limits that a request may use now.
	Window() float64
}

// handler is what an environment keeps between invocations; safe for concurrent ones.
type handler struct {
	collections collections
	documents   map[*collection.Collection]*collection.Documents
	columns     map[*collection.Collection]envelope.Columns
	tables      bool // some collection claims a table: any record may be a change message
	indices     indices
	history     history
	base        base
	writer      writer
	letters     letters
	objects     objects
	most        int // bytes of an object's line
	returns     returns
	visibility  visibility
	reserve     time.Duration
	offsets     bool            // Kafka's mapping takes an answer; else only an error fails a batch
	stopping    context.Context // ends at SIGTERM
	now         func() time.Time
	log         *slog.Logger
	metrics     *telemetry.Metrics
	memories    *sync.Pool // of *memory
}

func (h *handler) compile() {
	h.memories = &sync.Pool{}
	h.documents = make(map[*collection.Collection]*collection.Documents)
	h.columns, h.tables = make(map[*collection.Collection]envelope.Columns), false
	for _, c := range h.collections.All() {
		h.documents[c], h.columns[c] = collection.NewDocuments(c), c.Columns()
		h.tables = h.tables || slices.ContainsFunc(c.Sources, func(s collection.Source) bool { return s.Table != "" })
	}
}

// Invoke handles one batch: raw payload in, the ids of what must come again out. An
// error fails the batch as a whole: the payload is no event of ours, or the source knows
// no other way.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	m := h.memory()
	defer h.release(m)
	_, failed, err := h.handle(ctx, payload, m)
	if err != nil {
		return nil, err
	}
	return response(failed), nil
}

// handle works in m, and what it returns points into it.
func (h *handler) handle(ctx context.Context, payload []byte, m *memory) (d *delivery, failed []string, err error) {
	e, err := scan(payload, m)
	if err != nil {
		h.log.ErrorContext(ctx, "unreadable event", "error", err, "bytes", len(payload))
		return nil, nil, err
	}
	bounded, cancel := h.bound(ctx)
	defer cancel()
	began := h.now()
	d = &delivery{handler: h, event: e, again: h.redelivery(e.source), began: began, memory: m, ensured: map[rotation.Target]error{}, newest: map[string]string{}}
	answer, waves := e.answer(e.arn)
	if waves {
		d.inOrder(bounded)
	} else {
		d.deliver(bounded, pointers(e.records))
	}
	d.readObjects(bounded)
	failed = answer(verdicts(e.records))
	d.postpone(ctx, failed)
	d.report(ctx, len(failed))
	if d.again == whole && len(failed) > 0 {
		return d, failed, fmt.Errorf("%d of %d records are not stored: the batch has to come again", len(failed), len(e.records))
	}
	return d, failed, nil
}

// redelivery is what comes again of this mapping's batches.
func (h *handler) redelivery(s *source) again {
	switch {
	case s.again != partition:
		return s.again
	case h.offsets:
		return behind
	}
	return whole
}

// bound is ctx until the reserve before its deadline, or SIGTERM.
func (h *handler) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return h.within(ctx, h.reserve)
}

func (h *handler) within(ctx context.Context, reserve time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := until(ctx, reserve)
	release := context.AfterFunc(h.stopping, cancel)
	return ctx, func() { release(); cancel() }
}

func until(ctx context.Context, reserve time.Duration) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-reserve))
	}
	return context.WithCancel(ctx)
}

// postpone has half of the reserve: the rest is for the answer.
func (d *delivery) postpone(ctx context.Context, ids []string) {
	if len(ids) == 0 {
		return
	}
	ctx, cancel := d.within(ctx, d.reserve/2)
	defer cancel()
	again := make(map[string]bool, len(ids))
	for _, id := range ids {
		again[id] = true
	}
	failed := make([]*record, 0, len(ids))
	for i := range d.records {
		if again[d.records[i].item] {
			failed = append(failed, &d.records[i])
		}
	}
	d.source.postpone(ctx, d, failed)
}

func pointers(records []record) []*record {
	all := make([]*record, len(records))
	for i := range records {
		all[i] = &records[i]
	}
	return all
}

func verdicts(records []record) []batch.Record {
	all := make([]batch.Record, len(records))
	for i, r := range records {
		all[i] = batch.Record{ID: r.item, Group: r.group, Failed: r.failed}
	}
	return all
}
