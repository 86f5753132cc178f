package query

import (
	"bytes"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

// What a posted body may ask for, beside the limits of q.
const (
	MaxBody = 256 << 10 // bytes

	maxBodyDepth  = 100   // objects and arrays inside one another
	maxBodyValues = 20000 // JSON values
	maxMistakes   = 20    // that are told of one body
	maxTerms      = 1024  // values of terms and ids
	maxWords      = 1024  // words to look for, times the fields to look in
	maxHighlights = 32    // fields
	maxTracked    = 1_000_000
)

// bodyReader reads a posted body into the Request; it notes what is wrong with its path.
type bodyReader struct {
	*reader
	clauses int    // queries so far
	looked  int    // words to look for, times fields, so far
	depth   int    // of queries inside one another
	nested  string // path of the nested field that we are in
	aggs    int    // aggregations so far

	clauseOf      map[string]func(*value) Clause
	aggregationOf map[string]func(*value, *Aggregation)
}

// besideBody are the parameters that narrow a search whose rest is posted.
var besideBody = after((*reader).readCursor, parameter{"explain", 1, (*reader).readExplain})

// page are parameters that a body says by keys of its own.
var page = []parameter{
	{"size", 1, (*reader).readSize},
	{"offset", 1, (*reader).readOffset},
}

// BodyKeys, QueryKinds and AggregationKinds are what a body, a query in it and an
// aggregation in it may be made of.
func BodyKeys() []string         { return slices.Sorted(maps.Keys((&bodyReader{}).keys())) }
func QueryKinds() []string       { return slices.Sorted(maps.Keys((&bodyReader{}).clauseKinds())) }
func AggregationKinds() []string { return slices.Sorted(maps.Keys((&bodyReader{}).aggregationKinds())) }

// BodyParameters are the names of the parameters that go beside a body.
func BodyParameters() []string { return names(besideBody) }

// ReadBody checks a search whose body is a subset of OpenSearch's query DSL, with the
// parameters beside it. The error is Mistakes.
func ReadBody(schema Schema, values url.Values, text []byte, now time.Time) (Request, error) {
	root, m := readValue(text)
	if m != nil {
		return Request{}, Mistakes{*m}
	}
	b := &bodyReader{reader: newReader(schema, maps.Clone(values), now)}
	if b.values == nil {
		b.values = url.Values{}
	}
	b.clauseOf, b.aggregationOf = b.clauseKinds(), b.aggregationKinds()
	b.refuseBeside()
	b.begin(besideBody)
	given := b.take(root)
	b.kind = "posted" + binding(root)
	b.binding = b.bind()
	b.each(besideBody[:1])
	b.members(root, b.keys(), refusedKeys)
	b.each(besideBody[1:])
	b.each(page)
	b.narrow()
	b.checkBuckets()
	b.checkTime()
	b.checkCursor()
	b.checkWindow()
	b.rename(given)
	return b.result()
}

// refuseBeside says of a GET's other parameters which key of the body they are.
func (b *bodyReader) refuseBeside() {
	for _, pair := range [][2]string{{"size", "size"}, {"offset", "from"}, {"sort", "sort"}, {"fields", "_source"}} {
		if b.values.Has(pair[0]) {
			b.mistakes = append(b.mistakes, *in(pair[0], "goes into the body, as %s", pair[1]))
			delete(b.values, pair[0])
		}
	}
}

// binding is what of a body decides which documents match, and their order.
func binding(root *value) string {
	var out bytes.Buffer
	for _, name := range []string{"query", "post_filter", "sort"} {
		if m := root.member(name); m != nil {
			out.WriteString("&" + name + "=")
			m.write(&out)
		}
	}
	return out.String()
}

// keys are all that a body may say, and who reads it.
func (b *bodyReader) keys() keys {
	taken := func(*value) {}
	return keys{
		"query":            b.readQuery,
		"post_filter":      b.readPostFilter,
		"aggs":             b.readAggregations,
		"aggregations":     b.readAggregations,
		"sort":             b.readSorts,
		"highlight":        b.readHighlight,
		"_source":          b.readSource,
		"fields":           b.readFieldList,
		"track_total_hits": b.readTracking,
		"q":                taken,
		"cursor":           taken,
		"size":             taken,
		"from":             taken,
		"time":             taken,
	}
}

// parameters that keys of the body stand for; what is said in both places is refused.
var standsFor = map[string]string{
	"q": "q", "cursor": "cursor", "size": "size", "from": "offset",
	"time.from": "from", "time.to": "to", "time.since": "since",
}

// take makes parameters of the keys that stand for some, and says which did.
func (b *bodyReader) take(root *value) map[string]string {
	given := map[string]string{}
	for _, v := range root.members {
		if v.name == "time" {
			one := func(v *value) { b.takeOne(given, v) }
			b.members(v, keys{"from": one, "to": one, "since": one}, nil)
		} else if _, ok := standsFor[v.name]; ok {
			b.takeOne(given, v)
		}
	}
	return given
}

func (b *bodyReader) takeOne(given map[string]string, v *value) {
	name := standsFor[v.path()]
	switch {
	case name == "offset" && v.kind != raw.Number:
		b.wrong(v, "is how many documents to pass over, a whole number; a time goes into time.from, or from= of the query string")
	case name == "size" && v.kind != raw.Number:
		b.wrong(v, "is %s, not a whole number", v.describe())
	case !v.scalar():
		b.wrong(v, "is %s, not a string", v.describe())
	case b.values.Has(name):
		b.wrong(v, "is given in the query string too: leave one of them out")
	case len(v.text) > maxValue:
		b.wrong(v, "is longer than %d bytes", maxValue)
	default:
		b.values.Set(name, v.text)
		given[name] = v.path()
	}
}

// rename gives mistakes the names that the caller used.
func (b *bodyReader) rename(given map[string]string) {
	for i, m := range b.mistakes {
		if path, ok := given[m.Parameter]; ok {
			b.mistakes[i].Parameter = path
		}
	}
}

func (b *bodyReader) readTracking(v *value) {
	switch v.kind {
	case 't', 'f':
		b.tracking = v.kind == 't'
	default:
		if n, ok := b.integer(v, 1, maxTracked); ok {
			b.tracking = n
		}
	}
}
