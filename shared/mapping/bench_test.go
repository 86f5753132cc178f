package mapping

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/raw"
)

var order = []byte(`{"orderNo":"A-10045","version":"12","customerNo":9007199254740993,"isPaid":"yes","status":"2","netTotal":"1.10","createdAt":1704103200123,` +
	`"customer":{"fullName":"Ada King","eMail":"ada@example.org"},"items":[{"articleNo":"x-1","qty":"3"},{"articleNo":"x-2","qty":"1"}],"note":"` + strings.Repeat("n", 120) + `"}`)

var nine = Rules{
	Case: "snake", Rename: texts{"orderNo": "id", "customerNo": "customer.id"},
	Type:    texts{"version": "integer", "net_total": "decimal", "is_paid": "boolean", "items.qty": "integer"},
	Enum:    map[string]jsons{"status": {"1": json.RawMessage(`"new"`), "2": json.RawMessage(`"paid"`)}},
	Date:    map[string][]string{"created_at": {"unix_ms"}},
	Default: jsons{"currency": json.RawMessage(`"EUR"`)},
}

func benchmark(b *testing.B, rules Rules) {
	m, wrong := Compile(rules, "key")
	if wrong != nil {
		b.Fatal(wrong)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(order)))
	for b.Loop() {
		if _, err := m.Apply(order); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRules(b *testing.B)   { benchmark(b, nine) }
func BenchmarkOneRule(b *testing.B) { benchmark(b, Rules{Type: texts{"netTotal": "decimal"}}) }
func BenchmarkHash(b *testing.B) {
	benchmark(b, Rules{Redact: map[string]Redact{"customer.eMail": {Hash: "hmac-sha256"}}})
}

// BenchmarkPlain reads the document once, as is done without rules.
func BenchmarkPlain(b *testing.B) {
	var r raw.Reader
	b.ReportAllocs()
	b.SetBytes(int64(len(order)))
	for b.Loop() {
		r.Strict(order)
		if err := r.Skip(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkValues is the way through values that rules spare: every number a float.
func BenchmarkValues(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(order)))
	for b.Loop() {
		var v map[string]any
		if err := json.Unmarshal(order, &v); err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		Compile(nine, "key")
	}
}
