// Package telemetry writes CloudWatch metrics in the embedded metric format: one
// JSON line a record, which Lambda's log turns into metrics without a call. It
// refuses nothing and fails never: a metric that cannot be written is lost.
//
// Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package telemetry

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// Config is the metrics' part of the environment.
type Config struct {
	// Namespace of the metrics in CloudWatch: one a stack, so that the alarms of two
	// stacks of one account stay apart. Default Sluice.
	Namespace string `env:"METRICS_NAMESPACE" envDefault:"Sluice"`
}

// Unit is a CloudWatch unit.
type Unit string

const (
	Count        Unit = "Count"
	Milliseconds Unit = "Milliseconds"
	Bytes        Unit = "Bytes"
	Percent      Unit = "Percent"
)

// Metric is one value.
type Metric struct {
	Name  string
	Unit  Unit
	Value float64
}

// Field is a dimension or a property of a line.
type Field struct {
	Key   string
	Value any
}

// Metrics writes lines; safe for concurrent use. A nil *Metrics writes nothing.
type Metrics struct {
	mu        sync.Mutex
	w         io.Writer
	namespace string
	function  string
	now       func() time.Time
}

// New writes to w as function ("ingest", "search", "rotate"), the dimension every metric has.
func New(w io.Writer, cfg Config, function string, now func() time.Time) *Metrics {
	return &Metrics{w: w, namespace: cfg.Namespace, function: function, now: now}
}

// Emit writes one line: dims (low cardinality, strings) become dimensions beside
// "function", props are searchable in the log only.
func (m *Metrics) Emit(dims, props []Field, metrics ...Metric) {
	if m == nil || len(metrics) == 0 {
		return
	}
	type definition struct {
		Name string
		Unit Unit
	}
	names, defs := []string{"function"}, make([]definition, 0, len(metrics))
	line := map[string]any{"function": m.function}
	for _, p := range props {
		line[p.Key] = p.Value
	}
	for _, d := range dims {
		names = append(names, d.Key)
		line[d.Key] = d.Value
	}
	for _, v := range metrics {
		defs = append(defs, definition{v.Name, v.Unit})
		line[v.Name] = v.Value
	}
	line["_aws"] = map[string]any{
		"Timestamp": m.now().UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": m.namespace, "Dimensions": [][]string{names}, "Metrics": defs,
		}},
	}
	out, err := json.Marshal(line)
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, _ = m.w.Write(append(out, '\n'))
}
