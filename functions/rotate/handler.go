package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

// handler is what an environment keeps between runs.
type handler struct {
	cfg         Config
	collections []*collection.Collection
	mistakes    error // of collections' files: collection.Mistakes
	cluster     cluster
	stopping    context.Context // ends at SIGTERM
	now         func() time.Time
	log         *slog.Logger
	metrics     *telemetry.Metrics
}

// Invoke does one run. The error, which raises the alarm, says what really failed;
// that something must wait for the next run is no failure. A dry run fails at nothing
// but an input that cannot be read.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	in, err := read(payload, h.now())
	in.DryRun = in.DryRun || h.cfg.DryRun
	if err = cmp.Or(err, in.tooFarAhead(h.now())); err != nil {
		h.log.ErrorContext(ctx, "refused input", "error", err)
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.stopping, cancel)()

	r := &round{handler: h, input: in}
	all := r.plan(ctx)
	r.share(all)
	r.do(ctx, all)
	out := r.answer(all)
	return h.finish(ctx, out, r.failures, r.cut)
}

// finish logs, measures and answers the run. One that was cut short has no heartbeat.
func (h *handler) finish(ctx context.Context, out answer, failures []error, cut bool) ([]byte, error) {
	var steps, deletes, left float64
	for _, c := range out.Collections {
		for _, s := range c.Steps {
			if s.Outcome == outcomeDone {
				steps++
				if s.Action == "delete" {
					deletes++
				}
			}
		}
		left += float64(len(c.Skipped))
	}
	count := func(name string, n float64) telemetry.Metric {
		return telemetry.Metric{Name: name, Unit: telemetry.Count, Value: n}
	}
	metrics := []telemetry.Metric{count("Steps", steps), count("Deletes", deletes), count("Skipped", left), count("Failures", float64(len(failures)))}
	if ctx.Err() == nil && !cut {
		metrics = append(metrics, count("Heartbeat", 1))
	}
	h.metrics.Emit(nil, []telemetry.Field{{Key: "time", Value: out.Time}, {Key: "dry_run", Value: out.DryRun}}, metrics...)
	body, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	err = errors.Join(failures...)
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelError
	}
	h.log.Log(ctx, level, "rotation", "key", out.Time, "dry_run", out.DryRun, "error", err, "answer", json.RawMessage(body))
	if err != nil && !out.DryRun {
		return nil, fault.Wrap(fault.KindOf(err), "rotation of "+out.Time, err)
	}
	return body, nil
}

// broken is, by collection, what is wrong with its file. Its indices are left alone.
func (h *handler) broken() map[string]string {
	out := map[string]string{}
	mistakes, ok := errors.AsType[collection.Mistakes](h.mistakes)
	if !ok && h.mistakes != nil {
		mistakes = collection.Mistakes{{File: "collections", Text: h.mistakes.Error()}}
	}
	for _, m := range mistakes {
		name := m.Collection()
		out[name] = strings.TrimPrefix(out[name]+"\n"+m.Error(), "\n")
	}
	return out
}

func (in input) wants(collection string) bool {
	return len(in.Collections) == 0 || slices.Contains(in.Collections, collection)
}
