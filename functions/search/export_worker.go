package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

const (
	workerKeep  = 15 * time.Minute // a point in time outlives a crash: longer than a task is hidden
	workerPage  = 20 * time.Second
	handOver    = 15 * time.Second // before the deadline, or a quarter of the time: to store what was read and send the rest on
	longestWait = 15 * time.Minute // SQS's most
)

// worker goes on with jobs, as their messages say.
type worker struct {
	*server
}

// work goes on with a job until it ends or the invocation does. An error: the message is to
// come again.
func (w worker) work(ctx context.Context, t task) error {
	j, err := w.jobs.Load(ctx, (&job{Collection: t.Collection, ID: t.Export}).key())
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return nil // expired
	case err != nil:
		return err
	case j.State != running:
		return nil
	}
	began := len(j.Parts)
	err = w.goOn(ctx, j)
	switch {
	case errors.Is(err, errSuperseded):
		w.log.InfoContext(ctx, "another worker has gone on with the export", "export", j.ID)
		return nil
	case err == nil && j.State != running:
		w.log.InfoContext(ctx, "export ended", "export", j.ID, "state", j.State, "rows", j.Rows, "parts", len(j.Parts))
		return nil
	case err == nil:
		return w.tasks.Send(ctx, t, 0)
	}
	return w.fail(ctx, j, t, err, len(j.Parts) > began)
}

// goOn reads part after part; without an error the job has ended, or the time has.
func (w worker) goOn(ctx context.Context, j *job) error {
	v, ok := w.bound(j.Collection, j.Tenants)
	if !ok {
		return fault.New(fault.Invalid, "there is no collection "+j.Collection+" any more")
	}
	request, err := j.request(v)
	if err != nil {
		return err
	}
	reading, cancel := w.before(ctx)
	defer cancel()
	p, err := w.pages(reading, v, request, workerPage, workerKeep)
	if err != nil {
		return err
	}
	p.pit, p.read = j.PIT, j.Rows > 0
	p.went = j.Consistency != snapshotted || p.read && p.pit == "" // it was given back
	defer func() { j.PIT = p.pit }()
	began, format := len(j.Parts), formatOf(v, request)
	buffer := make([]byte, 0, w.cfg.partBytes()+pageBytes)
	for {
		ended, err := w.part(ctx, reading, j, p, format, &buffer)
		switch {
		case ended && err == nil:
			return w.finish(ctx, j, p)
		case reading.Err() != nil && len(j.Parts) > began:
			return nil
		case err != nil:
			return err
		}
	}
}

// finish compares what was read with what the snapshot holds.
func (w worker) finish(ctx context.Context, j *job, p *pages) error {
	if !p.went && p.pit != "" {
		total, err := p.count(ctx)
		if err != nil {
			return err
		}
		if !p.went { // it was not lost over the question
			j.Expected = &total
		}
		if j.Expected != nil && total > int64(j.Rows) { // a page was empty that should not have been
			return lacking(total, j.Rows)
		}
	}
	return w.end(ctx, j, p, append(j.checkRows(), judge(found{}, p.where).Reasons...)...)
}

// before is ctx that ends early enough to hand over.
func (w worker) before(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-min(handOver, deadline.Sub(w.now())/4)))
	}
	return context.WithCancel(ctx)
}

// end says how the job ended, and gives the snapshot back.
func (w worker) end(ctx context.Context, j *job, p *pages, reasons ...string) error {
	next := *j
	next.Consistency, next.Updated = p.consistency(), w.now().UTC()
	next.end(reasons...)
	if err := w.jobs.Put(ctx, j.folder()+"manifest.json", "application/json", next.manifest()); err != nil {
		return err
	}
	if err := w.jobs.Save(ctx, &next); err != nil {
		return err
	}
	*j = next
	p.close(ctx)
	return nil
}

// fail tries again later, where that can help and has not been tried in vain too often.
func (w worker) fail(ctx context.Context, j *job, t task, cause error, brought bool) error {
	w.log.WarnContext(ctx, "export interrupted", "export", j.ID, "rows", j.Rows, "error", cause)
	if j.Attempts++; brought {
		j.Attempts = 1
	}
	if kind := fault.KindOf(cause); !kind.Temporary() || j.Attempts >= w.cfg.attempts() {
		p := &pages{server: w.server, pit: j.PIT, went: j.Consistency != snapshotted}
		return w.end(ctx, j, p, fmt.Sprintf("%s (after %d rows, %d tries): POST to this export's address goes on", problemOf(cause).Detail, j.Rows, j.Attempts))
	}
	j.Updated = w.now().UTC()
	if err := w.jobs.Save(ctx, j); err != nil {
		return err
	}
	return w.tasks.Send(ctx, t, min(w.cfg.retryWait()<<(j.Attempts-1), longestWait))
}
