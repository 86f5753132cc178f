package query

import (
	"encoding/json"
	"strconv"
	"strings"
)

const maxFacets = 10 // fields whose values come with a page

// readFacets reads the names of fields whose most frequent values are counted over all
// that matches.
func (r *reader) readFacets(text string) {
	if strings.Count(text, ",") >= maxFacets {
		r.wrong(-1, "more than %d names", maxFacets)
		return
	}
	if r.values.Has("cursor") {
		r.wrong(-1, "come with the first page: leave them out behind a cursor")
		return
	}
	at := 0
	for name := range strings.SplitSeq(text, ",") {
		field, kind, m := r.schema.countable(name)
		if m != nil {
			m.Position = at
			r.note(m)
		}
		r.facets = append(r.facets, facet{name, Tops{Field: field, kind: kind, size: defaultTops}})
		at += len([]rune(name)) + 1
	}
}

// facet is a field as it was asked for, and what is counted.
type facet struct {
	name string
	Tops
}

func (r Request) facetAggs() object {
	aggs := object{}
	for i, f := range r.facets {
		f.add(aggs, strconv.Itoa(i))
	}
	return aggs
}

// Facets reads the aggregations of Body's answer: by the name that each field was asked
// for by, nil if none was.
func (r Request) Facets(aggs []byte) (map[string]Counted, error) {
	if len(r.facets) == 0 {
		return nil, nil
	}
	var parts map[string]json.RawMessage
	if err := readAggs(aggs, &parts); err != nil {
		return nil, err
	}
	out := make(map[string]Counted, len(r.facets))
	for i, f := range r.facets {
		var err error
		if out[f.name], err = f.read(parts, strconv.Itoa(i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}
