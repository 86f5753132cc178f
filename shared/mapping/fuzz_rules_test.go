package mapping

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/raw"
)

var vocabulary = []string{"a", "b", "o", "o.a", "o.b", "o.p.a", "l", "l.a", "l.o.b", "aB", "o.aB", "new", "o.new", "new.deep.er"}

// randomRules are some of every kind over one vocabulary, so that they get in each
// other's way.
func randomRules(r *rand.Rand) Rules {
	word := func() string { return vocabulary[r.IntN(len(vocabulary))] }
	some := func(add func(path string)) {
		for range r.IntN(3) {
			add(word())
		}
	}
	rules := Rules{Rename: texts{}, Flatten: texts{}, Copy: texts{}, Split: map[string]Split{}, Enum: map[string]jsons{}, Type: texts{},
		Date: map[string][]string{}, Redact: map[string]Redact{}, Default: jsons{}}
	rules.Case = []string{"", "snake", "camel"}[r.IntN(3)]
	if r.IntN(4) == 0 {
		some(func(p string) { rules.Drop = append(rules.Drop, p) })
	}
	some(func(p string) { rules.Rename[p] = word() })
	some(func(p string) { rules.Flatten[p] = []string{"_", ".", "none"}[r.IntN(3)] })
	some(func(p string) { rules.Copy[p] = word() })
	some(func(p string) { rules.Split[p] = []Split{{}, {By: "e", Into: []string{word(), word()}}}[r.IntN(2)] })
	some(func(p string) { rules.Enum[p] = jsons{"*": json.RawMessage(`"x"`)} })
	some(func(p string) { rules.Type[p] = "string" })
	some(func(p string) { rules.Redact[p] = Redact{Hash: "hmac-sha256"} })
	some(func(p string) { rules.Default[p] = json.RawMessage(`{"d":[1.10]}`) })
	return rules
}

func randomDocument(r *rand.Rand, depth int) string {
	switch n := r.IntN(6); {
	case n < 2 || depth == 0:
		return []string{fmt.Sprintf(`"s%ds"`, r.Uint64()), `9007199254740993`, `1.10`, `null`, `true`}[min(4, r.IntN(10)%5)]
	case n == 2:
		return "[" + randomDocument(r, depth-1) + "," + randomDocument(r, depth-1) + "]"
	}
	return randomObject(r, depth)
}

func randomObject(r *rand.Rand, depth int) string {
	var members []string
	for _, name := range []string{"a", "b", "o", "l", "p", "aB", "o.a", "l.o"} {
		if r.IntN(2) == 0 {
			members = append(members, `"`+name+`":`+randomDocument(r, depth-1))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// fuzzRules runs a test with rules that are not refused.
func fuzzRules(f *testing.F, test func(t *testing.T, r *rand.Rand, rules Rules, m *Mapper)) {
	for seed := range uint64(500) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, seed))
		rules := randomRules(r)
		if m, wrong := Compile(rules, "key"); wrong == nil {
			test(t, r, rules, m)
		}
	})
}

// FuzzRules: rules that are not refused make JSON of every document or refuse it, and
// what they redact is nowhere in what they make.
func FuzzRules(f *testing.F) {
	fuzzRules(f, func(t *testing.T, r *rand.Rand, rules Rules, m *Mapper) {
		for range 5 {
			document := randomObject(r, 4)
			if key, err := m.Key([]byte(document)); err != nil || !json.Valid(key) {
				t.Fatalf("a misfit stops a key: %+v\n%s\n%s: %v", rules, document, key, err)
			}
			got, err := m.Apply([]byte(document))
			if err != nil {
				continue
			}
			var reader raw.Reader
			reader.Strict(got)
			err = reader.Skip()
			if err == nil {
				err = reader.End()
			}
			if _, twice := raw.Duplicate(err); err != nil && !twice {
				t.Fatalf("%+v\n%s\n%s: %v", rules, document, got, err)
			}
			for _, secret := range secrets(rules, document) {
				if strings.Contains(string(got), secret) {
					t.Fatalf("%s is shown\n%+v\n%s\n%s", secret, rules, document, got)
				}
			}
		}
	})
}

func (c *checker) copied(path string) bool {
	return slices.ContainsFunc(outward(path), func(outer string) bool { return c.Copy[outer] != "" })
}

// secrets are the texts at redacted paths in what the rules make without redacting.
func secrets(rules Rules, document string) (found []string) {
	redact := rules.Redact
	rules.Redact = nil
	m, wrong := Compile(rules, "")
	if wrong != nil {
		return nil
	}
	open, err := m.Apply([]byte(document))
	if err != nil {
		return nil
	}
	var look func(v any, path string)
	look = func(v any, path string) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				look(inner, strings.TrimPrefix(path+"."+name, "."))
			}
		case []any:
			for _, inner := range v {
				look(inner, path)
			}
		case string:
			_, hidden := redact[path]
			if hidden && strings.HasPrefix(v, "s") && !(&checker{Rules: rules}).copied(path) { // its original may be shown
				found = append(found, v)
			}
		}
	}
	look(value(open), "")
	return found
}
