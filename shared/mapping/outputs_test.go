package mapping

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/raw"
)

func TestOutputsAreWhatARowLacksWithoutAColumn(t *testing.T) {
	rules := Rules{
		Drop: []string{"secret"}, Case: "snake",
		Rename:  texts{"note": "customer.note", "body": "text", "doc.inner": "outside"},
		Flatten: texts{"address": "_"},
		Copy:    texts{"text_raw": "text", "first": "tags.a"},
		Split:   map[string]Split{"full_name": {Into: []string{"given", "family"}}, "list": {By: ","}},
		Redact:  map[string]Redact{"text": {Mask: "*"}, "text_raw": {Mask: "*"}},
		Default: jsons{"big_text": json.RawMessage(`"-"`)},
	}
	m, wrong := Compile(rules, "key")
	if wrong != nil {
		t.Fatal(wrong)
	}
	for name, want := range map[string]string{
		"plain": "plain", "bigText": "big_text", "secret": "", "note": "customer.note", "body": "text text_raw",
		"fullName": "given family", "list": "list", "tags": "tags first",
		"address": "unknown", "doc": "unknown", "customer": "unknown",
	} {
		got, ok := m.Outputs(name)
		text := strings.Join(got, " ")
		if !ok {
			text = "unknown"
		}
		if text != want {
			t.Errorf("%s: %q, want %q", name, text, want)
		}
	}
}

// Whatever the rules, a row without a column, completed from its document, is the row.
func FuzzOutputs(f *testing.F) {
	fuzzRules(f, func(t *testing.T, r *rand.Rand, rules Rules, m *Mapper) {
		for range 5 {
			var row map[string]json.RawMessage
			_ = json.Unmarshal([]byte(randomObject(r, 4)), &row)
			for name := range row {
				if strings.Contains(name, ".") { // a column of a table
					delete(row, name)
				}
			}
			whole, _ := json.Marshal(row)
			want, err := m.Apply(whole)
			if err != nil || twice(want) {
				continue
			}
			for name := range row {
				fields, ok := m.Outputs(name)
				if !ok {
					continue
				}
				lacking := map[string]json.RawMessage{}
				for other, value := range row {
					if other != name {
						lacking[other] = value
					}
				}
				text, _ := json.Marshal(lacking)
				document, err := m.Apply(text)
				if err != nil {
					t.Fatal(err)
				}
				got, _, err := Complete(document, want, fields)
				if err != nil || !reflect.DeepEqual(value(got), value(want)) {
					t.Fatalf("%+v\n%s without %s (%v)\n%s\n%s\nwant %s: %v", rules, whole, name, fields, document, got, want, err)
				}
			}
		}
	})
}

func twice(document []byte) bool {
	var reader raw.Reader
	reader.Strict(document)
	return reader.Skip() != nil
}

func TestCompleteTakesFieldsFromAnotherDocument(t *testing.T) {
	for _, c := range []struct{ document, other, fields, want, found string }{
		{`{"id":1}`, `{"id":2,"big":"x"}`, "big", `{"id":1,"big":"x"}`, "big"},
		{`{"id":1,"big":"default"}`, `{"big":null}`, "big", `{"id":1,"big":null}`, "big"},
		{`{"id":1,"big":"default"}`, `{}`, "big", `{"id":1}`, ""},
		{`{"o":{"a":1,"b":2}}`, `{"o":{"a":3,"b":4,"c":5}}`, "o.b", `{"o":{"a":1,"b":4}}`, "o.b"},
		{`{"id":1}`, `{"o":{"a":3,"b": {"c": [1.10]}},"p":{"x":1}}`, "o.b p.y", `{"id":1,"o":{"b":{"c":[1.10]}}}`, "o.b"},
		{`{"id":1}`, `{"o.b":3}`, "o.b", `{"id":1,"o.b":3}`, "o.b"},
		{`{"o":{"a":1}}`, `{"o":[{"b":1}]}`, "o.b", `{"o":{"a":1}}`, ""},
		{`{"o":null}`, `{"o":{"b":1}}`, "o.b", `{"o":null}`, ""}, // not o twice
		{`{"o":[{"a":1}]}`, `{"o":{"b":1}}`, "o.b", `{"o":[{"a":1}]}`, ""},
		{`{"é\n":1}`, `{"q\"":2}`, `q"`, `{"é\n":1,"q\"":2}`, `q"`},
	} {
		got, found, err := Complete([]byte(c.document), []byte(c.other), strings.Fields(c.fields))
		if err != nil || string(got) != c.want || !slices.Equal(found, strings.Fields(c.found)) {
			t.Errorf("%s %s %s: %s %v %v", c.document, c.fields, c.other, got, found, err)
		}
	}
}
