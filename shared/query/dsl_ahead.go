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
	Documents   int64     // found, later than every bucket
}

// reach is an aggregation whose buckets' end was assumed, with its path.
type reach struct {
	path string
	Aggregation
}

func (r Request) reaches() []reach { return reachesOf(r.aggregations, "") }

func reachesOf(list []Aggregation, above string) (all []reach) {
	for _, a := range list {
		if !a.end.IsZero() {
			all = append(all, reach{above + a.Name, a})
		}
		all = append(all, reachesOf(a.Inside, strings.Join([]string{above, a.Name, ">"}, ""))...)
	}
	return all
}

// countAhead asks how many documents lie behind each.
func (r Request) countAhead(aggs object) {
	for i, one := range r.reaches() {
		ahead := one.ahead()
		if path := r.schema.Fields[one.Field].Nested; path != "" {
			ahead = object{"nested": object{"path": path}, "aggs": object{"ahead": ahead}}
		}
		aggs[r.aheadName(i)] = ahead
	}
}

// ahead counts what lies behind the end and, of it, what is told: the bucket that the end is in
// may last much longer, and where it ends only OpenSearch knows of every time zone.
func (a Aggregation) ahead() object {
	bounds := a.inner["hard_bounds"].(object)
	told := object{"min_doc_count": 1, "hard_bounds": object{"min": a.end.Add(-a.longest()).UnixMilli(), "max": bounds["max"]}}
	for _, key := range []string{"field", "calendar_interval", "fixed_interval", "time_zone", "offset"} {
		if v, given := a.inner[key]; given {
			told[key] = v
		}
	}
	return object{"filter": dates(a.Field, &a.end, nil), "aggs": object{"told": object{"date_histogram": told}}}
}

// later is what ahead counted.
type later struct {
	Documents int64 `json:"doc_count"`
	Told      struct {
		Buckets []struct {
			Documents int64 `json:"doc_count"`
		} `json:"buckets"`
	} `json:"told"`
	Inside *later `json:"ahead"` // of a nested field
}

// missed are those that no bucket has.
func (l later) missed() int64 {
	if l.Inside != nil {
		return l.Inside.missed()
	}
	for _, one := range l.Told.Buckets {
		l.Documents -= one.Documents
	}
	return l.Documents
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
		text := counts[r.aheadName(i)]
		if text == nil { // there was no index
			continue
		}
		var counted later
		if err := json.Unmarshal(text, &counted); err != nil {
			return nil, nil, err
		}
		if n := counted.missed(); n > 0 {
			list = append(list, Ahead{one.path, one.end, n})
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
