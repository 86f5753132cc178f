package query

import (
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const (
	maxValues   = 500  // that one request is given
	maxPrefix   = 200  // characters
	shownValue  = 1000 // characters of a value; a filter takes no more
	defaultTops = 10
)

// Values is a request for the most frequent values of a field.
type Values struct {
	Request
	Tops
}

// Tops are the most frequent values of Field, which is the keyword sub-field where a text
// was asked for.
type Tops struct {
	Field  string
	kind   string
	prefix string
	size   int

	anyCase bool // of the prefix's ASCII letters
}

// ReadValues checks the parameters of a request for values: field, prefix, size, and those
// of a search that say what matches.
func ReadValues(schema Schema, values url.Values, now time.Time) (Values, error) {
	r := newReader(schema, values, now)
	t := Tops{size: defaultTops}
	r.readAll(matching(
		parameter{"field", 1, func(r *reader, text string) { t.Field, t.kind = r.countable(text) }},
		parameter{"prefix", 1, func(r *reader, text string) { t.prefix = r.prefix(text, t) }},
		parameter{"size", 1, func(r *reader, text string) { t.size = r.number(text, 1, maxValues) }},
	))
	r.needs("field", "the field whose values are counted")
	r.checkTime()
	request, err := r.result()
	return Values{request, t}, err
}

// countable is the field whose values can be counted by name, and its type.
func (r *reader) countable(name string) (field, kind string) {
	field, kind, m := r.schema.countable(name)
	if m != nil {
		r.note(m)
	}
	return field, kind
}

// countable is name, or the keyword in which a text's values are kept whole.
func (s Schema) countable(name string) (field, kind string, m *Mistake) {
	f, ok := s.field(name)
	switch {
	case !ok:
		return "", "", wrong(-1, "%s", s.unknown(name))
	case f.Sortable():
		return name, f.Type, nil
	case f.Type == "text":
		if sub := s.keyword(name); sub != "" {
			return sub, s.Fields[sub].Type, nil
		}
		return "", "", wrong(-1, "%s (text) is kept as words, not as values: give it a keyword sub-field to have them counted", name)
	}
	return "", "", wrong(-1, "the values of %s (%s) cannot be counted: those of keywords, numbers, dates, addresses and booleans can", name, f.Type)
}

// keyword is the first sub-field of a text that is a keyword.
func (s Schema) keyword(text string) string {
	var subs []string
	for name, f := range s.Fields {
		if parent, ok := strings.CutPrefix(name, text+"."); ok && !strings.Contains(parent, ".") && f.Type == "keyword" && f.Sortable() {
			subs = append(subs, name)
		}
	}
	if len(subs) == 0 {
		return ""
	}
	return slices.Min(subs)
}

func (r *reader) prefix(text string, t Tops) string {
	switch {
	case len([]rune(text)) > maxPrefix:
		r.wrong(-1, "is longer than %d characters", maxPrefix)
	case text != "" && t.Field != "" && t.kind != "keyword":
		r.wrong(-1, "%s (%s) has no prefixes: keywords have", t.Field, t.kind)
	}
	return text
}

// Body is the search for the values.
func (v Values) Body(timeout time.Duration) ([]byte, error) {
	aggs := object{}
	v.add(aggs, "")
	return v.count(aggs, timeout)
}

// add puts what is asked for into aggs, under names that end in suffix.
func (t Tops) add(aggs object, suffix string) {
	terms := object{"field": t.Field, "size": t.size}
	if t.kind == "date" {
		terms["format"] = "strict_date_optional_time"
	}
	if t.prefix != "" {
		terms["include"] = literally(t.prefix, t.anyCase) + ".*"
	}
	aggs["values"+suffix] = object{"terms": terms}
	aggs["missing"+suffix] = object{"missing": object{"field": t.Field}}
}

// literally is text as a regular expression of Lucene's that matches only it. Letters and
// digits stand for themselves, and after a backslash some of them would not.
func literally(text string, anyCase bool) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case anyCase && r < unicode.MaxASCII && unicode.IsLetter(r):
			b.WriteString("[" + strings.ToLower(string(r)) + strings.ToUpper(string(r)) + "]")
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Counted are a field's values and how many documents have each.
type Counted struct {
	Field      string  `json:"field"`
	Values     []Value `json:"values"`
	Other      int64   `json:"other"`       // documents' values that are not among them
	Missing    int64   `json:"missing"`     // documents without a value
	ErrorBound int64   `json:"error_bound"` // counts may be too low by as much
}

// Value is one value, as JSON of its field's type.
type Value struct {
	Value json.RawMessage `json:"value"`
	Count int64           `json:"count"`
	Cut   bool            `json:"cut,omitempty"` // Value is only its beginning
}

// Answer reads the aggregations of Body's answer.
func (v Values) Answer(aggs []byte) (Counted, error) {
	var parts map[string]json.RawMessage
	if err := readAggs(aggs, &parts); err != nil {
		return Counted{}, err
	}
	return v.read(parts, "")
}

// terms is what OpenSearch says of a field's values.
type terms struct {
	Error   int64 `json:"doc_count_error_upper_bound"`
	Other   int64 `json:"sum_other_doc_count"`
	Buckets []struct {
		Key   json.RawMessage `json:"key"`
		Text  string          `json:"key_as_string"`
		Count int64           `json:"doc_count"`
	} `json:"buckets"`
}

func (t Tops) read(parts map[string]json.RawMessage, suffix string) (Counted, error) {
	c := Counted{Field: t.Field, Values: []Value{}}
	var found terms
	if err := readAggs(parts["values"+suffix], &found); err != nil {
		return c, err
	}
	var missing struct {
		Count int64 `json:"doc_count"`
	}
	if err := readAggs(parts["missing"+suffix], &missing); err != nil {
		return c, err
	}
	c.Other, c.ErrorBound, c.Missing = found.Other, max(found.Error, 0), missing.Count
	for _, b := range found.Buckets {
		value := Value{Value: b.Key, Count: b.Count}
		switch t.kind {
		case "boolean":
			value.Value = json.RawMessage(b.Text)
		case "date":
			value.Value = quoted(b.Text)
		case "float", "scaled_float":
			value.Value = shortest(b.Key, t.kind)
		}
		value.shorten()
		c.Values = append(c.Values, value)
	}
	return c, nil
}

// shortest takes off the digits that a number got by being read as a double.
func shortest(raw json.RawMessage, kind string) json.RawMessage {
	v, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return raw
	}
	if kind == "float" {
		return strconv.AppendFloat(nil, v, 'g', -1, 32)
	}
	out := strconv.AppendFloat(nil, v, 'g', 15, 64)
	short, _ := strconv.ParseFloat(string(out), 64)
	if short != v && math.Nextafter(short, v) != v {
		return raw
	}
	return out
}

// shorten keeps the beginning of a text that no filter would take.
func (v *Value) shorten() {
	var text string
	if len(v.Value) <= shownValue || json.Unmarshal(v.Value, &text) != nil {
		return
	}
	if runes := []rune(text); len(runes) > shownValue {
		v.Value, v.Cut = quoted(string(runes[:shownValue])), true
	}
}

func quoted(text string) json.RawMessage {
	out, _ := json.Marshal(text) // a string always encodes
	return out
}

// Clipped counts the values of which only the beginning is shown.
func (c Counted) Clipped() int {
	n := 0
	for _, v := range c.Values {
		if v.Cut {
			n++
		}
	}
	return n
}
