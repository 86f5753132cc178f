package query

import (
	"encoding/json"
	"strconv"
	"time"
)

// matching are the parameters that say which documents match, and more.
func matching(more ...parameter) []parameter {
	return append([]parameter{
		{"q", 1, (*reader).readText},
		{"filter", maxFilters, (*reader).readFilter},
		{"from", 1, (*reader).readFrom},
		{"to", 1, (*reader).readTo},
		{"since", 1, (*reader).readSince},
	}, more...)
}

// after are parameters that go on where a cursor says, which is read first: it holds the
// clock that since is counted from.
func after(cursor func(*reader, string), more ...parameter) []parameter {
	return append([]parameter{{"cursor", 1, cursor}}, matching(more...)...)
}

// count is a search for aggregations over all that matches and for no documents, so that
// OpenSearch keeps its answer in the request cache.
func (r Request) count(aggs object, timeout time.Duration) ([]byte, error) {
	return json.Marshal(object{
		"query": r.where(), "size": 0, "track_total_hits": true, "aggs": aggs, "timeout": milliseconds(timeout),
	})
}

// readAggs reads the aggregations of an answer, of which there are none where no index
// was searched.
func readAggs(raw []byte, into any) error {
	if len(raw) == 0 {
		return nil
	}
	return json.Unmarshal(raw, into)
}

// number is text as a whole number from least to most.
func (r *reader) number(text string, least, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		r.wrong(-1, "%q is not a whole number from %d to %d", text, least, most)
		return least
	}
	return n
}

// needs notes that the parameter is missing.
func (r *reader) needs(name, why string) {
	if r.name = name; !r.values.Has(name) {
		r.wrong(-1, "is needed: %s", why)
	}
}
