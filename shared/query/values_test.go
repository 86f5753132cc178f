package query

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// Whatever a prefix holds, Lucene reads the expression made of it as that text: each mark
// behind a backslash, and no letter, which would name a class.
func FuzzLiterally(f *testing.F) {
	for _, seed := range []string{`a.b*c`, `#@&<1-5>~"x"`, `[a-z]{2}(|)^$?+-\d`, "é日😀\u2028", "\\", " \t"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		var meant strings.Builder
		expression := []rune(literally(text, false))
		for i := 0; i < len(expression); i++ {
			switch r := expression[i]; {
			case r == '\\':
				if i++; i == len(expression) || unicode.IsLetter(expression[i]) || unicode.IsDigit(expression[i]) {
					t.Fatalf("%q: %q", text, string(expression))
				}
			case !unicode.IsLetter(r) && !unicode.IsDigit(r):
				t.Fatalf("%q: %q", text, string(expression))
			}
			meant.WriteRune(expression[i])
		}
		if meant.String() != text {
			t.Fatalf("%q means %q", text, meant.String())
		}
	})
}

func TestValuesRefuse(t *testing.T) {
	for raw, says := range map[string]string{
		"": "field: is needed", "field=secret": "no field", "field=user.email": "no field", "field=leval": "did you mean level?", "field=message": "keyword sub-field",
		"field=attributes": "cannot be counted", "field=attributes.env": "cannot be counted", "field=place": "cannot be counted", "field=user": "no field",
		"field=level&size=0": "1 to 500", "field=level&size=501": "1 to 500", "field=number&prefix=1": "has no prefixes",
		"field=level&prefix=" + strings.Repeat("x", 201): "longer than 200", "field=level&field=ok": "given 2 times", "field=level&sort=level": "not a parameter", "field=level&q=(": "q, position",
	} {
		values, _ := url.ParseQuery(raw)
		if _, err := ReadValues(logs, values, noon); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", raw, err)
		}
	}
	for raw, says := range map[string]string{"": "field: is needed", "field=secret": "no field", "field=level&size=1": "not a parameter", "field=attributes.x": "cannot be counted"} {
		values, _ := url.ParseQuery(raw)
		if _, err := ReadStats(logs, values, noon); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestValuesKeepDigitsAndSayWhatIsCut(t *testing.T) {
	schema := logs
	schema.Fields = map[string]Field{"t": {Type: "text"}, "t.b": {Type: "keyword", Unsortable: true}, "t.c": {Type: "keyword"}, "t.c.d": {Type: "keyword"}, "n": {Type: "unsigned_long"}}
	v, err := ReadValues(schema, url.Values{"field": {"t"}}, noon)
	if err != nil || v.Field != "t.c" {
		t.Fatal(v.Field, err)
	}
	long, _ := json.Marshal(strings.Repeat("é", 1001))
	c, err := v.Answer([]byte(`{"values":{"doc_count_error_upper_bound":-1,"buckets":[{"key":` + string(long) + `,"doc_count":3}]}}`))
	if err != nil || c.Clipped() != 1 || len(c.Values[0].Value) != 2002 || c.ErrorBound != 0 {
		t.Error(c, err)
	}
	v, _ = ReadValues(schema, url.Values{"field": {"n"}}, noon)
	c, err = v.Answer([]byte(`{"values":{"buckets":[{"key":18446744073709551615,"doc_count":3}]},"missing":{"doc_count":2}}`))
	if err != nil || string(c.Values[0].Value) != "18446744073709551615" || c.Missing != 2 {
		t.Error(c, err)
	}
	if _, err := v.Answer([]byte(`{"values":[]}`)); err == nil {
		t.Error("no terms, and no error")
	}
}

func TestNumbersLoseTheDigitsThatTheyDidNotHave(t *testing.T) {
	for text, want := range map[string][2]string{
		"99.99000000000001": {"99.99", "99.99"}, "0.10000000149011612": {"0.1", "0.10000000149011612"}, "1.0E300": {"", "1e+300"},
		"90071992547409.93": {"", "90071992547409.9"}, "-0.0": {"-0", "-0"}, "123456789.123456": {"", "123456789.123456"},
	} {
		if got := string(shortest(json.RawMessage(text), "float")); want[0] != "" && got != want[0] {
			t.Errorf("float %s: %s", text, got)
		}
		got := string(shortest(json.RawMessage(text), "scaled_float"))
		if text == "90071992547409.93" {
			want[1] = text
		}
		if got != want[1] {
			t.Errorf("scaled_float %s: %s, want %s", text, got, want[1])
		}
	}
}

func TestHighlightMarksOnlyWhatQLooksFor(t *testing.T) {
	for q, want := range map[string]string{
		"a":                               "exception.message message",
		"level:a OR NOT file.path:b":      "level",
		"level:* number:5 ok:true":        "",
		"level:[a TO b] message:x":        "message",
		"attributes.env:x client.ip:::1":  "",
		"(level:a (file.path:b OR -x:y))": "",
	} {
		values := url.Values{"q": {q}, "highlight": {"true"}}
		r, err := Read(logs, values, noon)
		if got := strings.Join(r.named, " "); err == nil && got != want || err != nil && want != "" {
			t.Errorf("%s: %s %v", q, got, err)
		}
		if err != nil {
			continue
		}
		body, _ := r.Body(time.Second)
		if strings.Contains(string(body), `"highlight"`) != (want != "") || strings.Contains(string(body), `"secret":{}`) {
			t.Errorf("%s: %s", q, body)
		}
	}
}

// The marks of one search are none in another's answer, nor are those that are half there.
func TestHighlightReadsItsOwnMarksOnly(t *testing.T) {
	one, other := read(t, logs, "q=a&highlight=true"), read(t, logs, "q=b&highlight=true")
	open, end := one.tags()
	foreign, _ := other.tags()
	raw, _ := json.Marshal(map[string][]string{"message": {"<em>x</em> " + open + "a" + end + foreign + "b", open + "a", end + "a", ""}})
	got, err := one.Marked(raw)
	text, _ := json.Marshal(got)
	want := `{"message":[[{"text":"\u003cem\u003ex\u003c/em\u003e "},{"text":"a","match":true},{"text":"` + foreign + `b"}],[{"text":"a","match":true}],[{"text":"` + end + `a"}],[]]}`
	if err != nil || string(text) != want {
		t.Errorf("%s, want %s", text, want)
	}
	signed := logs
	signed.Keys = [][]byte{[]byte("key")}
	if key, _ := read(t, signed, "q=a&highlight=true").tags(); key == open {
		t.Error("who does not know the key can write its marks")
	}
	if got, err := read(t, logs, "q=a").Marked(raw); got != nil || err != nil {
		t.Error(got, err)
	}
}

func TestFacetsRefuse(t *testing.T) {
	for raw, says := range map[string]string{
		"facets=": "no field", "facets=level,": "facets, position 6", "facets=secret": "no field", "facets=message": "keyword sub-field",
		"facets=" + strings.Repeat("level,", 10) + "level": "more than 10", "facets=level&cursor=AAAA": "come with the first page", "highlight=1": "neither true nor false",
	} {
		values, _ := url.ParseQuery(raw)
		if _, err := Read(logs, values, noon); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

// Whatever the parameters are, the answer is mistakes or a body that is JSON.
func FuzzDiscovery(f *testing.F) {
	for _, seed := range []string{"interval=1h&since=1d", "field=level&prefix=%23&size=3", "id=a&index=b&before=3", "text=level:%22x&at=3", "interval=99999999w&from=0001-01-01", "text=(((:&at=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		var bodies [][]byte
		keep := func(body []byte, err error) {
			if err != nil {
				t.Fatal(raw, err)
			}
			bodies = append(bodies, body)
		}
		if h, err := ReadHistogram(logs, values, noon); err == nil {
			keep(h.Body(time.Second))
		}
		if v, err := ReadValues(logs, values, noon); err == nil {
			keep(v.Body(time.Second))
		}
		if s, err := ReadStats(logs, values, noon); err == nil {
			keep(s.Body(time.Second))
		}
		if c, err := ReadContext(logs, values, noon); err == nil {
			keep(c.Anchor(time.Second))
		}
		if s, err := ReadSuggest(logs, values, noon); err == nil {
			if _, err := s.Answer(nil); err != nil || s.Spot.From > s.Spot.To || s.Spot.To > len(s.text) {
				t.Fatal(raw, s.Spot, err)
			}
			keep(s.Body(time.Second))
		}
		for _, body := range bodies {
			if !json.Valid(body) || strings.Contains(string(body), `"secret":`) {
				t.Fatalf("%q: %s", raw, body)
			}
		}
	})
}
