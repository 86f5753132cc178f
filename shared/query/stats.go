package query

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

var percents = []int{1, 5, 25, 50, 75, 95, 99}

// Stats is a request for what a field's values are as a whole.
type Stats struct {
	Request
	field, kind string
}

// ReadStats checks the parameters of a request for statistics: field, and those of a search
// that say what matches.
func ReadStats(schema Schema, values url.Values, now time.Time) (Stats, error) {
	r := newReader(schema, values, now)
	var s Stats
	r.readAll(matching(parameter{"field", 1, func(r *reader, text string) { s.field, s.kind = r.countable(text) }}))
	r.needs("field", "the field whose values are summed up")
	r.checkTime()
	var err error
	s.Request, err = r.result()
	return s, err
}

func (s Stats) numeric() bool {
	_, whole := integers[s.kind]
	return whole || slices.Contains(floatTypes, s.kind)
}

// Body is the search for the statistics. The lowest and the highest value are those that
// documents sorted by the field begin with: OpenSearch's min and max are doubles, which
// lose the digits of large integers, and know no keywords.
func (s Stats) Body(timeout time.Duration) ([]byte, error) {
	field := object{"field": s.field}
	aggs := object{
		"count": object{"value_count": field}, "missing": object{"missing": field}, "cardinality": object{"cardinality": field},
	}
	if s.kind != "boolean" {
		aggs["min"], aggs["max"] = s.end(false), s.end(true)
	}
	if s.numeric() || s.kind == "date" {
		aggs["stats"] = object{"stats": field}
		aggs["percentiles"] = object{"percentiles": object{"field": s.field, "percents": percents, "keyed": false}}
	}
	return s.count(aggs, timeout)
}

func (s Stats) end(desc bool) object {
	return object{"top_hits": object{"size": 1, "_source": false, "sort": sortKeys([]order{{field: s.field, kind: s.kind, desc: desc}})}}
}

// Summary is what a field's values are as a whole. A value is JSON of the field's type;
// where there are none, it is left out.
type Summary struct {
	Field       string                     `json:"field"`
	Type        string                     `json:"type"`
	Count       int64                      `json:"count"`   // values
	Missing     int64                      `json:"missing"` // documents without one
	Cardinality int64                      `json:"cardinality"`
	Min         json.RawMessage            `json:"min,omitempty"`
	Max         json.RawMessage            `json:"max,omitempty"`
	Avg         json.RawMessage            `json:"avg,omitempty"`
	Sum         json.RawMessage            `json:"sum,omitempty"`
	Percentiles map[string]json.RawMessage `json:"percentiles,omitempty"`
	Approximate []string                   `json:"approximate"` // which of these are no exact figures
}

// summed is what OpenSearch says.
type summed struct {
	Count, Cardinality struct{ Value int64 }
	Missing            struct {
		Count int64 `json:"doc_count"`
	}
	Min, Max    edge
	Stats       struct{ Avg, Sum json.RawMessage }
	Percentiles struct {
		Values []struct {
			Key   float64
			Value json.RawMessage
		}
	}
}

type edge struct {
	Hits struct {
		Hits []struct{ Sort []json.RawMessage }
	}
}

// Answer reads the aggregations of Body's answer.
func (s Stats) Answer(aggs []byte) (Summary, error) {
	var a summed
	if err := readAggs(aggs, &a); err != nil {
		return Summary{}, err
	}
	out := Summary{
		Field: s.field, Type: s.kind, Count: a.Count.Value, Missing: a.Missing.Count, Cardinality: a.Cardinality.Value,
		Approximate: []string{"cardinality"},
	}
	if s.kind != "boolean" {
		out.Min, out.Max = s.value(a.Min.sort(out.Count)), s.value(a.Max.sort(out.Count))
	}
	if !s.numeric() && s.kind != "date" {
		return out, nil
	}
	if out.Avg = s.value(a.Stats.Avg); s.kind != "date" {
		out.Sum = s.value(a.Stats.Sum)
	}
	out.Percentiles = map[string]json.RawMessage{}
	for _, p := range a.Percentiles.Values {
		if v := s.value(p.Value); v != nil {
			out.Percentiles[fmt.Sprint(p.Key)] = v
		}
	}
	out.Approximate = append(out.Approximate, "percentiles")
	return out, nil
}

// sort is the value that the first document is sorted by: a placeholder where none has one.
func (e edge) sort(values int64) json.RawMessage {
	if values == 0 || len(e.Hits.Hits) == 0 || len(e.Hits.Hits[0].Sort) == 0 {
		return nil
	}
	return e.Hits.Hits[0].Sort[0]
}

func (s Stats) value(raw json.RawMessage) json.RawMessage {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return nil
	case s.kind == "date":
		if ms, err := strconv.ParseFloat(string(raw), 64); err == nil {
			return quoted(stamp(time.UnixMilli(int64(ms)).UTC()))
		}
	case s.kind == "float" || s.kind == "scaled_float":
		return shortest(raw, s.kind)
	}
	v := Value{Value: raw}
	v.shorten()
	return v.Value
}
