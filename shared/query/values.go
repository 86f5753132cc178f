package query

import (
	"encoding/json"
	"net/url"
	"time"
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
