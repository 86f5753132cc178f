package collection

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestAnIDIsTakenApartIntoItsKey(t *testing.T) {
	set, err := Load(fstest.MapFS{"lines.yaml": {Data: []byte(`name: lines
id: {fields: [a, b]}
fields: {a: {type: keyword}, b: {type: keyword}}
index: {policy: single}
rows: {driver: mysql, table: shop.lines}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	c := set.All()[0]
	documents := NewDocuments(c)
	for _, want := range [][]string{{"x", "y"}, {"a|b", "c"}, {"a", "|c"}, {`a\`, `\|b`}, {"ü", "日本"}} {
		made, err := documents.Change(Record{}, Sole, []byte(`{"a":`+quoted(want[0])+`,"b":`+quoted(want[1])+`}`))
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := c.Key(made.ID); !ok || !slices.Equal(got, want) {
			t.Errorf("%q is taken apart into %q, want %q", made.ID, got, want)
		}
	}
	for _, id := range []string{"", "x", "a|b|c"} {
		if got, ok := c.Key(id); ok {
			t.Errorf("%q is taken for the key %q", id, got)
		}
	}
	if c.Rows.Repair != "queue" || c.Rows.Fallback != "index" || !slices.Equal(c.Rows.Key, []string{"a", "b"}) {
		t.Errorf("defaults are not filled in: %+v", c.Rows)
	}
}

// A document whose id is not its row's key would be taken for one without a row, and deleted.
func TestARuleThatChangesTheKeyOfARowIsRefused(t *testing.T) {
	for rule, right := range map[string]bool{
		"rename: {key: id}\n  examples: [{input: {key: A}, want: {id: A}}]":                          true,
		"type: {id: string}\n  examples: [{input: {id: 1}, want: {id: \"1\"}}]":                      true,
		"enum: {id: {A: a}}\n  examples: [{input: {id: A}, want: {id: a}}]":                          false,
		"default: {id: none}\n  examples: [{input: {}, want: {id: none}}]":                           false,
		"sources: [shop.other]\n  enum: {id: {A: a}}\n  examples: [{input: {id: A}, want: {id: a}}]": true,
		"redact: {id: {mask: \"*\"}}\n  examples: [{input: {id: A}, want: {id: \"*\"}}]":             false,
	} {
		_, err := Load(fstest.MapFS{"lines.yaml": {Data: []byte("name: lines\nid: {fields: [id]}\nfields: {id: {type: keyword}}\nindex: {policy: single}\nrows: {driver: mysql, table: shop.lines}\nmapping:\n- " + rule + "\n")}})
		if right != (err == nil) || !right && !strings.Contains(err.Error(), "is of the id") {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

func quoted(text string) string {
	out := `"`
	for _, r := range text {
		if r == '\\' || r == '"' {
			out += `\`
		}
		out += string(r)
	}
	return out + `"`
}
