package query

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	maxSuggestions = 50
	suggested      = 10
	looked         = 100_000        // documents of a shard whose values are counted for suggestions, at most
	recent         = 24 * time.Hour // whose values are suggested where no range is given
)

// Suggest is a request for what a q that is being written can go on with.
type Suggest struct {
	Request
	Spot  Spot
	text  []rune
	at    int
	ranks []Suggestion // of fields and operators
	tops  Tops         // of the values; no field: there are none
}

// Spot is what a suggestion replaces, in characters.
type Spot struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Suggestion is a text to put there, and what it is.
type Suggestion struct {
	Text  string `json:"text"`
	Kind  string `json:"kind"` // field, value or operator
	Doc   string `json:"doc"`
	Field string `json:"-"` // whose name or value it is
	value string
}

// ReadSuggest checks the parameters of a request for suggestions: text, at, size, and the
// range of time that values are looked for in.
func ReadSuggest(schema Schema, values url.Values, now time.Time) (Suggest, error) {
	r := newReader(schema, values, now)
	s := Suggest{at: -1}
	size := suggested
	r.readAll([]parameter{
		{"text", 1, func(r *reader, text string) { s.text = r.shortEnough(text) }},
		{"at", 1, func(r *reader, text string) { s.at = r.number(text, 0, len(s.text)) }},
		{"size", 1, func(r *reader, text string) { size = r.number(text, 1, maxSuggestions) }},
		{"from", 1, (*reader).readFrom},
		{"to", 1, (*reader).readTo},
		{"since", 1, (*reader).readSince},
	})
	if s.at < 0 {
		s.at = len(s.text)
	}
	if schema.Time != "" && r.From.IsZero() {
		r.From = r.rangeEnd().Add(-min(recent, cmp.Or(schema.MaxRange, recent)))
	}
	r.checkTime()
	r.Size = size
	var err error
	if s.Request, err = r.result(); err != nil {
		return s, err
	}
	s.look()
	return s, nil
}

func (r *reader) shortEnough(text string) []rune {
	runes := []rune(text)
	if len(runes) > maxText {
		r.wrong(maxText, "is longer than %d characters", maxText)
	}
	return runes
}

// look says what can stand at the cursor.
func (s *Suggest) look() {
	here := spotIn(s.text, s.at)
	s.Spot = Spot{here.from, here.to}
	switch {
	case here.bound:
	case here.field != "":
		s.tops = s.schema.completing(here.field, here.typed)
	case !here.quoted:
		s.fields(here.typed)
		s.operators(here)
	}
}

// completing are the values of a field that begin with what was typed; of fields whose
// values have no prefixes those are asked for that are frequent.
func (s Schema) completing(name, typed string) Tops {
	field, kind, m := s.countable(name)
	if f, _ := s.field(name); m != nil || f.Unsearchable || kind == "date" || len([]rune(typed)) > maxPrefix {
		return Tops{}
	}
	if kind == "keyword" {
		return Tops{Field: field, kind: kind, prefix: typed, size: suggested, anyCase: true}
	}
	return Tops{Field: field, kind: kind, size: 10 * suggested}
}

// Asks says whether OpenSearch has to be asked, for values.
func (s Suggest) Asks() bool { return s.tops.Field != "" }

// Body is a cheap search for the values: of a bounded number of documents.
func (s Suggest) Body(timeout time.Duration) ([]byte, error) {
	r, tops := s.Request, s.tops
	if tops.prefix != "" {
		r.filters = append(slices.Clone(r.filters), object{"prefix": object{tops.Field: object{"value": tops.prefix, "case_insensitive": true}}})
	}
	aggs := object{}
	tops.size = max(tops.size, r.Size)
	tops.add(aggs, "")
	delete(aggs, "missing")
	return json.Marshal(object{
		"query": r.where(), "size": 0, "track_total_hits": false, "terminate_after": looked, "aggs": aggs, "timeout": milliseconds(timeout),
	})
}

// Answer is what can be put at the spot, best first: each makes a q that can be read.
func (s Suggest) Answer(aggs []byte) ([]Suggestion, error) {
	list := slices.Clone(s.ranks)
	if s.Asks() {
		found, err := Values{s.Request, s.tops}.Answer(aggs)
		if err != nil {
			return nil, err
		}
		typed := strings.ToLower(spotIn(s.text, s.at).typed)
		for _, v := range found.Values {
			if text := plain(v.Value); !v.Cut && strings.HasPrefix(strings.ToLower(text), typed) {
				list = append(list, Suggestion{Text: asWord(text), Kind: "value", Field: s.tops.Field, value: text})
			}
		}
	}
	list = slices.DeleteFunc(list, func(one Suggestion) bool { return !s.fits(one) })
	for i := len(list) - 1; i >= 0 && len(list) > s.Size; i-- { // operators are few, and last
		if list[i].Kind != "operator" {
			list = slices.Delete(list, i, i+1)
		}
	}
	return append([]Suggestion{}, list[:min(len(list), s.Size)]...), nil
}
