package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
)

func at() time.Time { return time.UnixMilli(1779008400123) }

func TestALineIsAnEmbeddedMetric(t *testing.T) {
	var out bytes.Buffer
	New(&out, Config{Namespace: "Sluice"}, "ingest", at).Emit([]Field{{"operation", "bulk"}}, []Field{{"index", "logs"}}, Metric{"Duration", Milliseconds, 1.5}, Metric{"Items", Count, 3})
	want := `{"Duration":1.5,"Items":3,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["function","operation"]],` +
		`"Metrics":[{"Name":"Duration","Unit":"Milliseconds"},{"Name":"Items","Unit":"Count"}],"Namespace":"Sluice"}],"Timestamp":1779008400123},` +
		`"function":"ingest","index":"logs","operation":"bulk"}` + "\n"
	if out.String() != want {
		t.Fatalf("\n%s\nwant\n%s", out.String(), want)
	}
}

func TestLinesOfManyAtOnceStayWhole(t *testing.T) {
	var out bytes.Buffer
	m := New(&out, Config{Namespace: "Sluice"}, "ingest", at)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() { m.Emit(nil, nil, Metric{"Items", Count, 1}) })
	}
	all.Wait()
	n := 0
	for line := range strings.Lines(out.String()) {
		n++
		if !json.Valid([]byte(line)) {
			t.Fatal(line)
		}
	}
	if n != 100 {
		t.Fatalf("%d lines", n)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAMetricThatCannotBeWrittenIsLostQuietly(t *testing.T) {
	var none *Metrics
	none.Emit(nil, nil, Metric{"Items", Count, 1})
	New(full{}, Config{}, "ingest", at).Emit(nil, nil, Metric{"Items", Count, 1})
	var out bytes.Buffer
	m := New(&out, Config{Namespace: "Sluice"}, "ingest", at)
	m.Emit(nil, nil)
	m.Emit(nil, nil, Metric{"Items", Count, math.NaN()})
	if out.Len() > 0 {
		t.Fatal(out.String())
	}
}
