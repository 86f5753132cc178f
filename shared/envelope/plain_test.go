package envelope

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlainBodyIsCutIntoDocuments(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"nothing", "", nil},
		{"blank", " \r\n\t ", nil},
		{"an object", `{"a":1}`, []string{`{"a":1}`}},
		{"an object on many lines", "{\n \"a\": [\n1]\n}\n", []string{"{\n \"a\": [\n1]\n}"}},
		{"a byte order mark", "\xef\xbb\xbf{\"a\":1}\n", []string{`{"a":1}`}},
		{"an array", ` [ {"a":1}, {"b":[2]} ,3]`, []string{`{"a":1}`, `{"b":[2]}`, `3`}},
		{"an empty array", `[]`, nil},
		{"NDJSON", "{\"a\":1}\n\n{\"b\":2}\r\n", []string{`{"a":1}`, `{"b":2}`}},
		{"NDJSON with a broken line", "{\"a\":1}\n{\"b\":\n{\"c\":3}", []string{`{"a":1}`, `{"b":`, `{"c":3}`}},
		{"NDJSON whose first line is broken", "{\"a\":\n{\"c\":3}", []string{`{"a":`, `{"c":3}`}},
		{"a duplicate name is the document's matter", `[{"a":1,"a":2}]`, []string{`{"a":1,"a":2}`}},
		{"lines", "one\ntwo\n", []string{"one", "two"}},
		{"a line that begins like an array", "[17/May/2015] ERROR", []string{"[17/May/2015] ERROR"}},
		{"an array with more behind it", "[1] [2]", []string{"[1] [2]"}},
		{"a broken object", `{"a":`, []string{`{"a":`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, document := range Plain(nil, []byte(c.body)) {
				got = append(got, string(document))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzPlain(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n[1]\n"))
	f.Add([]byte(`[{"a":1},2]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, document := range Plain(nil, body) {
			if len(document) == 0 || !bytes.Contains(body, document) {
				t.Errorf("%q is no part of the body", document)
			}
		}
	})
}
