package query

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// suggest is what is suggested at the cursor | of a text, if the field has these values.
func suggest(t *testing.T, marked string, values ...string) (Suggest, []Suggestion) {
	t.Helper()
	before, after, _ := strings.Cut(marked, "|")
	params := url.Values{"text": {before + after}, "at": {itoa(len([]rune(before)))}, "size": {"50"}}
	s, err := ReadSuggest(logs, params, noon)
	if err != nil {
		t.Fatalf("%q: %v", marked, err)
	}
	var aggs terms
	for _, v := range values {
		raw, _ := json.Marshal(v)
		aggs.Buckets = append(aggs.Buckets, struct {
			Key   json.RawMessage `json:"key"`
			Text  string          `json:"key_as_string"`
			Count int64           `json:"doc_count"`
		}{raw, "", 1})
	}
	raw, _ := json.Marshal(map[string]any{"values": aggs})
	list, err := s.Answer(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s, list
}

func itoa(n int) string { out, _ := json.Marshal(n); return string(out) }

func TestSuggestionsKnowWhereTheCursorIs(t *testing.T) {
	values := []string{"error", "Err two", `a"b`, "AND"}
	for marked, want := range map[string]string{
		"lev|":                     "0 3 level:",
		"|":                        "0 0 @timestamp:",
		"LEVEL|":                   "0 5 level:",
		"path|":                    "0 4 file.path:",
		"x AND lev|":               "6 9 level:",
		"-lev|":                    "1 4 level:",
		"le|vel:x":                 "0 5 level",
		"(lev|":                    "1 4 level:",
		"level:|":                  "6 6 error",
		"level: e|":                "7 8 error",
		"level:err|":               "6 9 error",
		`level:"err t|`:            `6 12 "Err two"`,
		`level:"er| two" AND x`:    `6 14 error`,
		"level:(x OR er|":          "12 14 error",
		"level:(x OR er|) OR ok:*": "12 14 error",
		`level:a|`:                 `6 7 "a\"b"`,
		"x |":                      "2 2 @timestamp:",
		"x A|":                     "2 3 attributes:",
		"zzz|":                     "0 3",
		"secret:|":                 "7 7",
		"secr|":                    "0 4",
		"user.em|":                 "0 7",
		"raw:|":                    "4 4",
		"ra|":                      "0 2 ratio:",
		"number:>er|":              "8 10",
		"level:[er|":               "6 9",
		`"err|`:                    "0 4",
		"level:x) lev|":            "9 12",
		"message:er|":              "8 10",
		"attributes.env:e|":        "15 16",
		"é lev|":                   "2 5 level:",
	} {
		s, list := suggest(t, marked, values...)
		got := itoa(s.Spot.From) + " " + itoa(s.Spot.To)
		if len(list) > 0 {
			got += " " + list[0].Text
		}
		if got != want {
			t.Errorf("%q: %s, want %s", marked, got, want)
		}
		for _, one := range list {
			if strings.Contains(one.Text, "secret") || strings.Contains(one.Text, "email") || one.Field == "raw" {
				t.Errorf("%q: %v", marked, one)
			}
		}
	}
	_, list := suggest(t, "x |")
	for _, operator := range []string{"AND ", "OR ", "NOT "} {
		if !slices.ContainsFunc(list, func(s Suggestion) bool { return s.Text == operator && s.Kind == "operator" }) {
			t.Errorf("no %s", operator)
		}
	}
	if _, list := suggest(t, "(|"); slices.ContainsFunc(list, func(s Suggestion) bool { return s.Text == "AND " }) {
		t.Error("AND behind nothing")
	}
}

// Whatever is being written and whatever the values are, a suggestion that is taken gives
// a q that can be read, and a value in it is that value.
func TestSuggestionsTakenCanBeRead(t *testing.T) {
	pieces := []string{
		"level:", "message:", "file.path:", "ok:", "number:", "error", "er", `"a b`, `"a b"`, "(", ")", " ", " AND ", " OR ", "NOT ", "-", "!", "[1 TO ", "5]",
		">", ">=", `\`, `\"`, "*", "?", "lev", "é", "日本", ":", "x", "|", "{", "TO", `"`, "~1", "/a/",
	}
	values := []string{
		"error", "a b", `quo"te`, `back\slash`, "AND", "TO", "", "-5", "*", "a*", "(x", "é", "日本 語", "/re/", "new\nline", "\x01", "a:b", "!x", strings.Repeat("long", 260), "~2", "x^2",
	}
	random := rand.New(rand.NewPCG(5, 160))
	taken := map[string]int{}
	for range 6_000 {
		var b strings.Builder
		for range random.IntN(9) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		runes := []rune(strings.ReplaceAll(b.String(), "|", ""))
		at := random.IntN(len(runes) + 1)
		s, list := suggest(t, string(runes[:at])+"|"+string(runes[at:]), values...)
		for _, one := range list {
			taken[one.Kind]++
			head, rest := string(runes[:s.Spot.From])+one.Text, string(runes[s.Spot.To:])
			node, ok := closed(head + rest)
			if !ok && one.Kind != "value" {
				node, ok = closed(head + "x" + rest)
			}
			if !ok {
				t.Fatalf("%q at %d: %q makes %q", string(runes), at, one.Text, head+rest)
			}
			if one.Kind == "value" && !slices.ContainsFunc(values, func(v string) bool { return holds(node, v) }) {
				t.Fatalf("%q at %d: no value is in %s", string(runes), at, node)
			}
		}
	}
	for _, kind := range []string{"field", "value", "operator"} {
		if taken[kind] < 200 {
			t.Errorf("only %d of kind %s", taken[kind], kind)
		}
	}
}

// closed parses a text with as many parentheses behind it as it takes.
func closed(text string) (Node, bool) {
	for range maxDepth {
		if node, m := parse(text); m == nil {
			return node, true
		}
		text += ")"
	}
	return nil, false
}

func TestSuggestedValuesAreAskedForCheaply(t *testing.T) {
	s, _ := suggest(t, "level:er.|")
	body, err := s.Body(time.Second)
	for _, want := range []string{
		`"terminate_after":100000`, `"include":"[eE][rR]\\..*"`, `{"prefix":{"level":{"case_insensitive":true,"value":"er."}}}`, `"gte":"2026-05-16T12:34:00.000Z"`,
	} {
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("no %s: %s %v", want, body, err)
		}
	}
	if s, _ := suggest(t, "lev|"); s.Asks() {
		t.Error("names need no OpenSearch")
	}
}
