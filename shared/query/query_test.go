package query

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/golden"
)

var noon = time.Date(2026, 5, 17, 12, 34, 56, 0, time.UTC)

var logs = Schema{
	Collection: "logs",
	Time:       "@timestamp",
	Default:    []string{"message", "exception.message"},
	Hidden:     []string{"secret", "user.email"},
	Wildcards:  true,
	MaxSize:    500,
	Fields: map[string]Field{
		"@timestamp": {Type: "date"}, "message": {Type: "text"}, "exception.message": {Type: "text"},
		"level": {Type: "keyword"}, "file.path": {Type: "keyword"}, "number": {Type: "long"},
		"serial": {Type: "unsigned_long"}, "size": {Type: "short"}, "ratio": {Type: "double"},
		"ok": {Type: "boolean"}, "client.ip": {Type: "ip"}, "place": {Type: "geo_point"},
		"attributes": {Type: "flat_object"}, "user": {Type: "object"}, "raw": {Type: "keyword", Unsearchable: true},
		"status_code": {Type: "integer"}, "load": {Type: "float"},
	},
}

func read(t *testing.T, schema Schema, raw string) Request {
	t.Helper()
	values, err := url.ParseQuery(raw)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Read(schema, values, noon)
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return r
}

func body(t *testing.T, r Request) []byte {
	t.Helper()
	out, err := r.Body(4 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// indented is a request's body as the goldens have it.
func indented(t *testing.T, r Request) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, body(t, r), "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.String() + "\n"
}

// Each testdata/*.txt holds a request's parameters and, behind a line ---, its body.
func TestBodiesAreTheGoldens(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no goldens", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		params, _, _ := strings.Cut(string(raw), "\n---\n")
		values := url.Values{}
		for line := range strings.SplitSeq(params, "\n") {
			name, value, _ := strings.Cut(line, " = ")
			values.Add(name, value)
		}
		r, err := Read(logs, values, noon)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		golden.Check(t, file, params+"\n---\n"+indented(t, r))
	}
}

func BenchmarkReadAndBody(b *testing.B) {
	values, _ := url.ParseQuery(`q=level:error+AND+(timeout+OR+"connection+reset")+status_code:>=500&since=15m&filter=file.path:/var/log/x`)
	b.ReportAllocs()
	for b.Loop() {
		r, err := Read(logs, values, noon)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.Body(4 * time.Second); err != nil {
			b.Fatal(err)
		}
	}
}
