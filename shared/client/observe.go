package client

import (
	"context"
	"log/slog"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

// observe writes one line of log and one metric line per call: never a body, a
// credential, nor OpenSearch's reason, which quotes what was sent.
func observe(deps Deps, gate *breaker, next sender) sender {
	return func(ctx context.Context, x *exchange) (Reply, error) {
		start := deps.Now()
		reply, err := next(ctx, x)
		took := deps.Now().Sub(start)
		logCall(ctx, deps.Logger, x, reply, err, took, gate.circuit.State().String())
		measure(deps.Metrics, x, reply, err, took)
		return reply, err
	}
}

func logCall(ctx context.Context, log *slog.Logger, x *exchange, reply Reply, err error, took time.Duration, state string) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("operation", x.Operation),
		slog.String("index", x.index()),
		slog.Int("attempts", x.attempts),
		slog.Int("status", reply.Status),
		slog.Float64("duration_ms", milliseconds(took)),
		slog.Int("bytes_out", len(x.payload)),
		slog.Int("bytes_in", x.received),
		slog.String("breaker", state),
	}
	if err != nil {
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("kind", fault.KindOf(err).String()), slog.String("type", FailureType(err)))
	}
	log.LogAttrs(ctx, level, "opensearch call", attrs...)
}

func measure(m *telemetry.Metrics, x *exchange, reply Reply, err error, took time.Duration) {
	failed := 0.0
	if err != nil {
		failed = 1
	}
	m.Emit([]telemetry.Field{{Key: "operation", Value: x.Operation}},
		[]telemetry.Field{{Key: "index", Value: x.index()}, {Key: "status", Value: reply.Status}},
		telemetry.Metric{Name: "OpenSearchDuration", Unit: telemetry.Milliseconds, Value: milliseconds(took)},
		telemetry.Metric{Name: "OpenSearchAttempts", Unit: telemetry.Count, Value: float64(x.attempts)},
		telemetry.Metric{Name: "OpenSearchFailures", Unit: telemetry.Count, Value: failed},
		telemetry.Metric{Name: "OpenSearchBytesOut", Unit: telemetry.Bytes, Value: float64(len(x.payload))},
		telemetry.Metric{Name: "OpenSearchBytesIn", Unit: telemetry.Bytes, Value: float64(x.received)},
	)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
