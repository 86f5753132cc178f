package main

import (
	"context"
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

// handler is what an environment keeps between invocations; safe for concurrent ones.
type handler struct {
	collections collections
	documents   map[*collection.Collection]*collection.Documents
	columns     map[*collection.Collection]envelope.Columns
	tables      bool // some collection claims a table: any record may be a change message
	indices     indices
	history     history
	base        base
	writer      *bulk.Writer
	letters     letters
	reserve     time.Duration
	stopping    context.Context // ends at SIGTERM
	now         func() time.Time
	log         *slog.Logger
	metrics     *telemetry.Metrics
	memories    sync.Pool // of *memory
}

func (h *handler) compile() {
	h.documents = make(map[*collection.Collection]*collection.Documents)
	h.columns, h.tables = make(map[*collection.Collection]envelope.Columns), false
	for _, c := range h.collections.All() {
		h.documents[c], h.columns[c] = collection.NewDocuments(c), c.Columns()
		h.tables = h.tables || slices.ContainsFunc(c.Sources, func(s collection.Source) bool { return s.Table != "" })
	}
}

// Invoke handles one batch: raw payload in, the ids of what must come again out. An
// error means the payload is no event of ours, and fails the batch as a whole.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	m := h.memory()
	defer h.release(m)
	e, err := scan(payload, m)
	if err != nil {
		h.log.ErrorContext(ctx, "unreadable event", "error", err, "bytes", len(payload))
		return nil, err
	}
	bounded, cancel := h.bound(ctx)
	defer cancel()
	began := h.now()
	d := &delivery{handler: h, event: e, began: began, memory: m, ensured: map[rotation.Target]error{}}
	answer, waves := e.answer(e.records[0].ARN)
	if waves {
		d.inOrder(bounded)
	} else {
		d.deliver(bounded, pointers(e.records))
	}
	failed := answer(verdicts(e.records))
	d.report(ctx, len(failed))
	return response(failed), nil
}

// bound is ctx until the reserve before its deadline, or SIGTERM.
func (h *handler) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := until(ctx, h.reserve)
	release := context.AfterFunc(h.stopping, cancel)
	return ctx, func() { release(); cancel() }
}

func until(ctx context.Context, reserve time.Duration) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-reserve))
	}
	return context.WithCancel(ctx)
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
