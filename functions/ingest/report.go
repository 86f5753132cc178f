package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

// counts are an invocation's numbers. Outcomes count documents, the rest records.
type counts struct {
	outcomes  [bulk.Rejected + 1]int
	letters   int
	empty     int
	skipped   int // change messages without rows: DDL, transactions, tombstones, truncates
	merged    int // rows completed with stored values
	lacking   int // rows stored without a value that nothing had
	objects   int // read to their end
	gone      int // objects deleted or overwritten before they were read
	continued int // messages that go on with an object, or with one of several
	blanks    int // values without a form in JSON, stored as null
	bulk      bulk.Stats
}

// problem is the first thing that kept something from being stored: the log's one
// line has room for one.
type problem struct {
	kind   string
	err    error
	faulty bool // only a person can put it right
}

func (p *problem) note(v bulk.Verdict) {
	p.faulty = p.faulty || v.Misconfigured()
	if p.kind == "" {
		p.kind = v.Type
	}
}

func (p *problem) fail(err error) {
	if p.err == nil {
		p.err = err
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Unauthorized, fault.Forbidden, fault.Conflict:
		p.faulty = true
	}
}

// report writes the invocation's one log line and one metric line.
func (d *delivery) report(ctx context.Context, failed int) {
	took, window := d.now().Sub(d.began), 100*d.writer.Window()
	d.logBatch(ctx, failed, took, window)
	d.emitBatch(failed, took, window)
}

func (d *delivery) logBatch(ctx context.Context, failed int, took time.Duration, window float64) {
	c := d.counts
	level, attrs := slog.LevelInfo, []slog.Attr{
		slog.String("source", d.name), slog.Int("records", len(d.records)),
		slog.Int("stored", c.outcomes[bulk.Stored]), slog.Int("duplicates", c.outcomes[bulk.Duplicate]),
		slog.Int("stale", c.outcomes[bulk.Stale]), slog.Int("gone", c.outcomes[bulk.Gone]),
		slog.Int("dead_letters", c.letters), slog.Int("empty", c.empty), slog.Int("skipped", c.skipped), slog.Int("failed", failed),
		slog.Int("bulk_requests", c.bulk.Requests), slog.Int("bytes", c.bulk.Bytes), slog.Duration("took", took),
	}
	if window < 100 {
		attrs = append(attrs, slog.Int("window", int(window)))
	}
	if failed > 0 {
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("because", d.problem.kind))
	}
	for _, n := range [...]struct {
		name string
		n    int
	}{{"throttled", c.bulk.Throttled}, {"objects", c.objects}, {"objects_gone", c.gone}, {"continued", c.continued}, {"merged", c.merged}, {"incomplete", c.lacking}, {"blanks", c.blanks}} {
		if n.n > 0 {
			attrs = append(attrs, slog.Int(n.name, n.n))
		}
	}
	if d.problem.err != nil {
		attrs = append(attrs, slog.String("error", d.problem.err.Error()))
	}
	if d.problem.faulty {
		level = slog.LevelError
		attrs = append(attrs, slog.String("hint", "configuration: OpenSearch or S3 refuses us, or an index or a bucket is missing; records come again until that is put right"))
	}
	d.log.LogAttrs(ctx, level, "batch", attrs...)
}

func (d *delivery) emitBatch(failed int, took time.Duration, window float64) {
	c := d.counts
	count := func(name string, n int) telemetry.Metric {
		return telemetry.Metric{Name: name, Unit: telemetry.Count, Value: float64(n)}
	}
	d.metrics.Emit(nil, []telemetry.Field{{Key: "source", Value: d.name}},
		count("Records", len(d.records)), count("Stored", c.outcomes[bulk.Stored]),
		count("Duplicates", c.outcomes[bulk.Duplicate]), count("Stale", c.outcomes[bulk.Stale]),
		count("Gone", c.outcomes[bulk.Gone]), count("DeadLetters", c.letters), count("Empty", c.empty), count("Skipped", c.skipped), count("Incomplete", c.lacking),
		count("BatchItemFailures", failed), count("BulkRequests", c.bulk.Requests), count("BulkItems", c.bulk.Items),
		count("Throttled", c.bulk.Throttled), telemetry.Metric{Name: "BulkWindow", Unit: telemetry.Percent, Value: window},
		telemetry.Metric{Name: "BulkBytes", Unit: telemetry.Bytes, Value: float64(c.bulk.Bytes)},
		telemetry.Metric{Name: "Duration", Unit: telemetry.Milliseconds, Value: float64(took.Microseconds()) / 1000},
	)
}
