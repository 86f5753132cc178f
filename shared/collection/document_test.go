package collection

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/change"
)

var arrival = time.Date(2024, 1, 1, 10, 0, 0, 123e6, time.UTC)

var message = Record{Position: "m1", Arrived: arrival}

func events() *Documents {
	return NewDocuments(&Collection{Name: "logs", AppendOnly: true, Lines: []string{"combined", "text"},
		Time: &Time{Field: "@timestamp", Formats: []string{"rfc3339", "unix_ms"}, Missing: "arrival"}})
}

func entities() *Documents {
	return NewDocuments(&Collection{Name: "orders", ID: ID{Fields: []string{"id"}}, Version: &Version{Field: "version"},
		Op: &Op{Field: "op", Delete: []string{"delete"}}, Time: &Time{Field: "meta.at", Formats: []string{"rfc3339"}, Missing: "dead_letter"}})
}

func TestRecordBecomesChange(t *testing.T) {
	at := time.Date(2024, 1, 1, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		from *Documents
		part int
		body string
		want change.Change
	}{
		{"a log event", events(), Sole, `{"@timestamp":"2024-01-01T10:00:00Z","n":9007199254740993,"price":1.10}`,
			change.Change{Collection: "logs", ID: "m1", Version: -1, Time: at, Body: []byte(`{"@timestamp":"2024-01-01T10:00:00Z","n":9007199254740993,"price":1.10}`)}},
		{"one of many in a record", events(), 2, `{"@timestamp":1704103200000}`,
			change.Change{Collection: "logs", ID: "m1#2", Version: -1, Time: at, Body: []byte(`{"@timestamp":1704103200000}`)}},
		{"without a time: the arrival's", events(), Sole, `{"a":1}`,
			change.Change{Collection: "logs", ID: "m1", Version: -1, Time: arrival, Body: []byte(`{"@timestamp":"2024-01-01T10:00:00.123Z","a":1}`)}},
		{"an empty object", events(), Sole, `{ }`,
			change.Change{Collection: "logs", ID: "m1", Version: -1, Time: arrival, Body: []byte(`{"@timestamp":"2024-01-01T10:00:00.123Z" }`)}},
		{"a time of null", events(), Sole, `{"@timestamp":null,"a":1}`,
			change.Change{Collection: "logs", ID: "m1", Version: -1, Time: arrival, Body: []byte(`{"@timestamp":"2024-01-01T10:00:00.123Z","a":1}`)}},
		{"on many lines", events(), Sole, "{\n  \"@timestamp\": \"2024-01-01T10:00:00Z\",\r\n \"s\": \"a\\nb  c\"\n}",
			change.Change{Collection: "logs", ID: "m1", Version: -1, Time: at, Body: []byte(`{"@timestamp":"2024-01-01T10:00:00Z","s":"a\nb  c"}`)}},
		{"a line", events(), Sole, `{main} started`,
			change.Change{Collection: "logs", ID: "m1", Version: -1, Time: arrival, Body: []byte(`{"@timestamp":"2024-01-01T10:00:00.123Z","message":"{main} started"}`)}},
		{"an entity", entities(), Sole, `{"id":"A-1","version":7,"meta":{"at":"2024-01-01T10:00:00Z"}}`,
			change.Change{Collection: "orders", ID: "A-1", Op: change.Index, Version: 7, Time: at, Body: []byte(`{"id":"A-1","version":7,"meta":{"at":"2024-01-01T10:00:00Z"}}`)}},
		{"a dotted name is the same field", entities(), Sole, `{"id":12345678901234567890,"version":"0","meta.at":"2024-01-01T10:00:00Z"}`,
			change.Change{Collection: "orders", ID: "12345678901234567890", Op: change.Index, Version: 0, Time: at, Body: []byte(`{"id":12345678901234567890,"version":"0","meta.at":"2024-01-01T10:00:00Z"}`)}},
		{"a delete needs no time", entities(), Sole, `{"id":"A-1","version":8,"op":"delete"}`,
			change.Change{Collection: "orders", ID: "A-1", Op: change.Delete, Version: 8}},
		{"escapes in names and values", entities(), Sole, `{"\u0069d":"a\"b","version":1,"op":"\u0064elete"}`,
			change.Change{Collection: "orders", ID: `a"b`, Op: change.Delete, Version: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.from.Change(message, c.part, []byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRecordThatCanNeverBeADocument(t *testing.T) {
	for _, c := range []struct{ name, body, kind, text string }{
		{"not JSON", `{"id":`, "not_json", "not JSON: the text ends too early"},
		{"not an object", `[1]`, "not_json", "not a JSON object"},
		{"more behind it", `{"id":"1","version":1,"meta":{"at":"2024-01-01T10:00:00Z"}} x`, "not_json", ""},
		{"broken UTF-8", "{\"id\":\"\xff\"}", "not_json", ""},
		{"the id twice", `{"id":"7","name":"a","id":"8"}`, "duplicate_field", `duplicate field "id"`},
		{"a name twice", `{"id":"9","name":"x","name":"y"}`, "duplicate_field", `duplicate field "name"`},
		{"a nested name twice", `{"id":"10","o":{"k":1,"k":2}}`, "duplicate_field", `duplicate field "o.k"`},
		{"in an array", `{"id":"10","o":[{"k":1,"k":2}]}`, "duplicate_field", `duplicate field "o.0.k"`},
		{"once nested, once flat", `{"id":"1","version":1,"meta":{"at":"2024-01-01T10:00:00Z"},"meta.at":"2024-01-01T10:00:00Z"}`, "duplicate_field", `duplicate field "meta.at"`},
		{"no id", `{"version":1}`, "id_missing", `id field "id" is missing, or not a string, number or boolean`},
		{"an id of null", `{"id":null,"version":1}`, "id_missing", ""},
		{"an id with parts", `{"id":{"a":1},"version":1}`, "id_missing", ""},
		{"no version", `{"id":"1"}`, "version_missing", `version field "version" is missing`},
		{"a version below zero", `{"id":"1","version":-1}`, "version_invalid", ""},
		{"a version with a fraction", `{"id":"1","version":1.5}`, "version_invalid", ""},
		{"a version over 2^63-1", `{"id":"1","version":9223372036854775808}`, "version_invalid", ""},
		{"no time", `{"id":"1","version":1}`, "time_missing", `time field "meta.at" is missing`},
		{"a time of another format", `{"id":"1","version":1,"meta":{"at":"yesterday"}}`, "time_invalid", `time field "meta.at" has none of the collection's formats`},
		{"a time with parts", `{"id":"1","version":1,"meta":{"at":[1]}}`, "time_invalid", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := entities().Change(message, Sole, []byte(c.body))
			flaw, ok := err.(*Flaw)
			if !ok || flaw.Type != c.kind || c.text != "" && flaw.Text != c.text {
				t.Errorf("%#v", err)
			}
		})
	}
}

func TestJSONWithAFlawIsNoLogLine(t *testing.T) {
	for want, body := range map[string]string{"duplicate_field": `{"a":1,"a":2}`, "too_deep": nested(101)} {
		_, err := events().Change(message, Sole, []byte(body))
		if flaw, ok := err.(*Flaw); !ok || flaw.Type != want {
			t.Error(want, err)
		}
	}
	if _, err := events().Change(message, Sole, []byte(nested(100))); err != nil {
		t.Error(err)
	}
}

func nested(levels int) string {
	return strings.Repeat(`{"a":`, levels-1) + "{}" + strings.Repeat("}", levels-1)
}

func TestCompositeIDsNeverCollide(t *testing.T) {
	seen := map[string]string{}
	for _, separator := range []string{"|", "::", "ab"} {
		d := NewDocuments(&Collection{Name: "lines", ID: ID{Fields: []string{"pk", "sk"}, Separator: separator}})
		for _, pair := range [][2]string{{"a|b", "c"}, {"a", "b|c"}, {"a:", ":b"}, {"a", "::b"}, {"a::", "b"}, {`a\`, "|b"}, {`a\\`, "b"}, {"a", `\\b`}, {"", "x"}} {
			body := `{"pk":"` + strings.ReplaceAll(pair[0], `\`, `\\`) + `","sk":"` + strings.ReplaceAll(pair[1], `\`, `\\`) + `"}`
			got, err := d.Change(message, Sole, []byte(body))
			if pair[0] == "" {
				if flaw, ok := err.(*Flaw); !ok || flaw.Type != "id_empty" {
					t.Errorf("%s: %v", body, err)
				}
				continue
			}
			key := separator + " " + got.ID
			if seen[key] != "" || err != nil {
				t.Errorf("%s and %s are both %s (%v)", body, seen[key], got.ID, err)
			}
			seen[key] = body
		}
	}
	d := NewDocuments(&Collection{Name: "lines", ID: ID{Fields: []string{"pk", "sk"}, Separator: "·"}})
	if got, err := d.Change(message, Sole, []byte(`{"pk":"a÷·","sk":"é"}`)); got.ID != `a÷\··é` || err != nil {
		t.Errorf("%q (%v): ÷ has a byte of ·", got.ID, err)
	}
}

func TestTimesOfEveryFormat(t *testing.T) {
	want := time.Date(2015, 5, 17, 10, 5, 3, 0, time.UTC)
	for format, values := range map[string][]string{
		"rfc3339": {"2015-05-17T10:05:03Z", "2015-05-17T12:05:03+02:00", "2015-05-17T10:05:03.000000000Z"},
		"unix":    {"1431857103", "1431857103.0", "1.431857103e9"}, "unix_ms": {"1431857103000"},
		"unix_us": {"1431857103000000"}, "unix_ns": {"1431857103000000000"},
		"02/Jan/2006:15:04:05 -0700": {"17/May/2015:10:05:03 +0000"},
	} {
		for _, value := range values {
			if got, ok := parseTime(format, []byte(value)); !ok || !got.Equal(want) {
				t.Errorf("%s %s: %s", format, value, got)
			}
			if back, ok := parseTime(format, []byte(strings.Trim(string(appendTime(nil, format, want)), `"`))); !ok || !back.Equal(want) {
				t.Errorf("%s: written as %s", format, appendTime(nil, format, want))
			}
		}
	}
	for format, value := range map[string]string{"rfc3339": "2015-05-17 10:05:03", "unix": "1704067200123456", "unix_ms": "NaN", "unix_us": "x"} {
		if got, ok := parseTime(format, []byte(value)); ok {
			t.Errorf("%s %s: %s", format, value, got)
		}
	}
}

func FuzzChange(f *testing.F) {
	for _, body := range []string{`{"id":"A-1","version":7,"meta":{"at":"2024-01-01T10:00:00Z"}}`, `{"a":`, `x`, "{\n}", ` {}`, `{"@timestamp":null}`} {
		f.Add([]byte(body))
	}
	logs, orders := events(), entities()
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, d := range []*Documents{logs, orders} {
			c, err := d.Change(message, Sole, body)
			if err != nil {
				if _, ok := err.(*Flaw); !ok {
					t.Errorf("%#v is no flaw", err)
				}
				continue
			}
			if c.Op == change.Delete {
				continue
			}
			if strings.ContainsAny(string(c.Body), "\n\r") || newFinder(nil).find(c.Body) != nil {
				t.Errorf("%q is not one line of JSON", c.Body)
			}
		}
	})
}

func BenchmarkChange(b *testing.B) {
	d := events()
	body := []byte(`{"@timestamp":"2024-01-01T10:00:00Z","severity_text":"INFO","message":"` + strings.Repeat("x", 250) + `","service":{"name":"checkout"}}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := d.Change(message, Sole, body); err != nil {
			b.Fatal(err)
		}
	}
}
