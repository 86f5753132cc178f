package query

import (
	"encoding/json"
	"net/url"
	"time"
)

// Request is a search whose every part has been checked against its schema.
type Request struct {
	From, To time.Time // half-open range of the event's time; zero: open
	Size     int

	schema   Schema
	query    object // q as DSL
	filters  []object
	sort     []order
	fields   []string
	offset   int
	clock    time.Time         // what "now" and since are counted from, on every page
	after    []json.RawMessage // sort values that the page begins behind
	seen     []string          // documents behind them that another page has shown
	explains bool              // explain=cost
	binding  []byte            // what a cursor of this search is bound to

	// Of a posted body (dsl_*.go).
	posted       *Clause
	post         *Clause  // filters the documents, not what is aggregated
	beside       []Clause // of sort and highlight
	aggregations []Aggregation
	highlight    object
	without      []string // parts of a document that are not returned
	sourceless   bool     // nothing of it is
	tracking     any      // track_total_hits; nil: OpenSearch's default
}

// parameter is one query parameter and who reads it.
type parameter struct {
	name string
	most int // times it may be given
	read func(*reader, string)
}

// parameters are read in this order; a later one may rest on an earlier one.
var parameters = []parameter{
	{"cursor", 1, (*reader).readCursor},
	{"sort", 1, (*reader).readSort},
	{"q", 1, (*reader).readText},
	{"filter", maxFilters, (*reader).readFilter},
	{"from", 1, (*reader).readFrom},
	{"to", 1, (*reader).readTo},
	{"since", 1, (*reader).readSince},
	{"fields", 1, (*reader).readFields},
	{"size", 1, (*reader).readSize},
	{"offset", 1, (*reader).readOffset},
	{"explain", 1, (*reader).readExplain},
}

// Parameters are the names of a search's parameters.
func Parameters() []string { return names(parameters) }

func names(list []parameter) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.name
	}
	return out
}

// Read checks the parameters of a search. The error is Mistakes, all of them.
func Read(schema Schema, values url.Values, now time.Time) (Request, error) {
	r := newReader(schema, values, now)
	r.readAll(parameters)
	r.checkTime()
	r.checkCursor()
	r.checkWindow()
	return r.result()
}

// ReadDocument checks the parameters of the request for one document: fields.
func ReadDocument(schema Schema, values url.Values) (Request, error) {
	r := newReader(schema, values, time.Time{})
	r.readAll([]parameter{{"fields", 1, (*reader).readFields}})
	return r.result()
}

// Only refuses all parameters but these.
func Only(values url.Values, known ...string) error {
	r := newReader(Schema{}, values, time.Time{})
	var list []parameter
	for _, name := range known {
		list = append(list, parameter{name: name, most: 1, read: func(*reader, string) {}})
	}
	r.readAll(list)
	_, err := r.result()
	return err
}
