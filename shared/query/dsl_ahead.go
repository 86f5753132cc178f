package query

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Buckets of an open range end a day from now, as empty ones have to have an end. What of
// the documents lies ahead of that is counted beside, under names of our own.

// Ahead is a date_histogram whose buckets do not reach to all that the search found.
type Ahead struct {
	Aggregation string    // names from the outside in: by_host>by_hour
	End         time.Time // of its buckets
	Documents   int64     // found, with a time at or after the end
}

// reach is an end of buckets that was assumed.
type reach struct {
	field string
	end   time.Time
}

// reaches are the ends that were assumed, each once.
func (r Request) reaches() (all []reach) {
	for _, a := range r.aggregations {
		a.Walk(func(a Aggregation, _ int) {
			if one := (reach{a.Field, a.end}); !a.end.IsZero() && !slices.Contains(all, one) {
				all = append(all, one)
			}
		})
	}
	return all
}

// countAhead asks how many documents lie behind each.
func (r Request) countAhead(aggs object) {
	for i, one := range r.reaches() {
		query := dates(one.field, &one.end, nil)
		if path := r.schema.Fields[one.field].Nested; path != "" {
			query = object{"nested": object{"path": path, "query": query}}
		}
		aggs[r.aheadName(i)] = object{"filter": query}
	}
}

// aheadName is no name of the caller's.
func (r Request) aheadName(i int) string {
	name := "_ahead" + strconv.Itoa(i)
	for slices.ContainsFunc(r.aggregations, func(a Aggregation) bool { return a.Name == name }) {
		name = "_" + name
	}
	return name
}

// Ahead takes what was counted beside out of an answer's aggregations.
func (r Request) Ahead(answer []byte) (rest []byte, list []Ahead, err error) {
	reaches := r.reaches()
	if len(reaches) == 0 || len(answer) == 0 {
		return answer, nil, nil
	}
	counts := map[string][]byte{}
	for i := range reaches {
		counts[r.aheadName(i)] = nil
	}
	if rest, err = without(answer, counts); err != nil {
		return nil, nil, err
	}
	for i, one := range reaches {
		var counted struct {
			Documents int64 `json:"doc_count"`
		}
		text := counts[r.aheadName(i)]
		if text == nil { // there was no index
			continue
		}
		if err := json.Unmarshal(text, &counted); err != nil {
			return nil, nil, err
		}
		if counted.Documents > 0 {
			for _, path := range ending(r.aggregations, one, "") {
				list = append(list, Ahead{path, one.end, counted.Documents})
			}
		}
	}
	return rest, list, nil
}

// without is an object without these members, whose values are put into taken.
func without(object []byte, taken map[string][]byte) ([]byte, error) {
	var r raw.Reader
	r.Lenient(object)
	out := append(make([]byte, 0, len(object)), '{')
	err := r.Object(func(name []byte) error {
		value, err := r.Value()
		if _, ours := taken[string(name)]; ours || err != nil {
			taken[string(name)] = value
			return err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out, _ = jsontext.AppendQuote(out, name)
		out = append(append(out, ':'), value...)
		return nil
	})
	return append(out, '}'), err
}

// ending are the aggregations whose buckets end there.
func ending(list []Aggregation, end reach, above string) (paths []string) {
	for _, a := range list {
		if (reach{a.Field, a.end}) == end {
			paths = append(paths, above+a.Name)
		}
		paths = append(paths, ending(a.Inside, end, strings.Join([]string{above, a.Name, ">"}, ""))...)
	}
	return paths
}
