package mapping

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/sluice-dev/sluice/shared/raw"
)

// everything is a rule set of every kind, crossing one another.
var everything = []Rules{
	{
		Drop: []string{"debug", "a.x"}, Rename: texts{"cust": "customer", "cust.no": "customer.id", "no": "customer.number", "l.p": "l.q", "deep.a.b": "b"},
		Flatten: texts{"address": "_", "detail": "none", "l.o": "-"}, Case: "snake", Verbatim: []string{"labels"},
		Copy: texts{"copy": "b", "customer.copy": "a", "l.c": "l.q"}, Split: map[string]Split{"tags": {By: ","}, "name": {Into: []string{"first", "person.last"}}},
		Enum: map[string]jsons{"s": {"1": json.RawMessage(`"new"`), "*": json.RawMessage(`null`)}}, Type: texts{"b": "integer", "l.q": "decimal", "flag": "boolean", "copy": "string", "tags": "string"},
		Date:    map[string][]string{"at": {"unix_ms", "rfc3339", "2006-01-02"}},
		Redact:  map[string]Redact{"email": {Hash: "hmac-sha256"}, "phone": {Mask: "***", KeepFirst: 1, KeepLast: 4}, "customer.copy": {Mask: "?"}},
		Default: jsons{"currency": json.RawMessage(`"EUR"`), "customer.country": json.RawMessage(`{"a":1}`), "l.d": json.RawMessage(`1.10`)},
	},
	{Case: "camel"},
	{Flatten: texts{"a": "."}, Drop: []string{"a.b.c"}},
}

// FuzzApply: whatever the document, what comes out of every rule set is a JSON object in
// which a strict reader finds nothing wrong but a name twice.
func FuzzApply(f *testing.F) {
	for _, document := range []string{
		`{"cust":{"no":"1","a":{}},"no":2,"l":[{"p":"1.10","o":{"x":{"y":1}}},{"d":null}],"deep":{"a":{"b":"7"}}}`,
		`{"address":{"a":{"b":[{"c":1}]}},"detail":{"userId":1,"detail":{"x":1}},"labels":{"aB":{"C":1}},"debug":1}`,
		`{"a":{"n":1,"x":2},"b":9007199254740993,"tags":"a, b","name":"Ada King","s":1,"flag":"yes","at":1704103200123,"email":"e","phone":"+491511234"}`,
		`{"customer":7,"no":1}`, `{"customer.id":1,"l":[[{"p":1}]],"":{"":1},"a..b":1,"a":{"":{}}}`, `{"\ud800":"\ud800","A\u0042":1}`, ` { } `, `[]`, `{"total":1.105,"list":[{"x":[1e400]}]}`,
	} {
		f.Add([]byte(document))
	}
	var mappers []*Mapper
	for _, rules := range everything {
		m, wrong := Compile(rules, "key")
		if wrong != nil {
			f.Fatal(wrong)
		}
		mappers = append(mappers, m)
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		var r raw.Reader
		r.Strict(document)
		valid := r.Kind() == raw.Object && r.Skip() == nil && r.End() == nil
		for _, m := range mappers {
			got, err := m.Apply(document)
			if err != nil {
				continue
			}
			if again, err := m.Apply(document); err != nil || !bytes.Equal(got, again) {
				t.Fatalf("%q: %q, then %q (%v)", document, got, again, err)
			}
			r.Strict(got)
			err = r.Skip()
			if err == nil {
				err = r.End()
			}
			if _, twice := raw.Duplicate(err); valid && err != nil && !twice {
				t.Fatalf("%q: %q: %v", document, got, err)
			}
		}
	})
}

// FuzzNames: a case is settled after one turn, so that rules can name its outcome.
func FuzzNames(f *testing.F) {
	for _, text := range []string{"userId", "HTTPServer", "user-id", "_id", "@timestamp", "a.bC", "A__B", "x_", "aB1C", "ÄrgerId"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, style := range styles {
			once := style(nil, []byte(text))
			if twice := style(nil, once); !bytes.Equal(once, twice) {
				t.Errorf("%s: %q, %q, %q", name, text, once, twice)
			}
		}
	})
}
