package query

import (
	"bytes"
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxAround     = 100 // documents on each side
	defaultAround = 5
	maxShards     = 1024 // of an index, OpenSearch's limit
)

// Context is a request for a document and those beside it in the order of time.
type Context struct {
	Request // which documents are around it
	ID      string
	Before  int
	After   int
	index   string // empty: the newest document of the id
}

// ReadContext checks the parameters of a request for a document's neighbours.
func ReadContext(schema Schema, values url.Values, now time.Time) (Context, error) {
	r := newReader(schema, values, now)
	c := Context{Before: defaultAround, After: defaultAround}
	r.readAll([]parameter{
		{"id", 1, func(_ *reader, text string) { c.ID = text }},
		{"index", 1, func(_ *reader, text string) { c.index = text }},
		{"before", 1, func(r *reader, text string) { c.Before = r.number(text, 0, maxAround) }},
		{"after", 1, func(r *reader, text string) { c.After = r.number(text, 0, maxAround) }},
		{"q", 1, (*reader).readText},
		{"filter", maxFilters, (*reader).readFilter},
		{"fields", 1, (*reader).readFields},
	})
	r.needs("id", "the document that others are around")
	if r.name = "id"; schema.Time == "" {
		r.wrong(-1, "collection %s has no event time that its documents could be put in order by", schema.Collection)
	}
	r.sort = []order{{field: schema.Time, kind: "date"}}
	var err error
	c.Request, err = r.result()
	return c, err
}

// Anchor is the search for the document itself, whatever is asked of those around it.
func (c Context) Anchor(timeout time.Duration) ([]byte, error) {
	r := c.Request
	r.query, r.filters = nil, []object{{"ids": object{"values": []string{c.ID}}}}
	if c.index != "" {
		r.filters = append(r.filters, object{"term": object{"_index": c.index}})
	}
	return r.hits(backwards(r.total()), 1, nil, timeout)
}

// Side is the search for the documents on one side of an anchor, and the range of time
// that they are in.
type Side struct {
	Request
	anchor Hit
	keys   []order
	begin  []json.RawMessage // just before the documents that are sorted as the anchor is
	ids    int               // 1: among equals the higher id is farther; -1: the lower
	ask    int               // documents to ask for
}

// ties are so many documents more than are wanted: equals at the end lie on different
// shards, of which most indices have fewer.
const ties = 8

// Around are the searches for what is before and after the anchor.
func (c Context) Around(anchor Hit) (before, after Side, err error) {
	keys := c.total()
	before = Side{Request: c.Request, anchor: anchor, keys: backwards(keys), ids: -1}
	after = Side{Request: c.Request, anchor: anchor, keys: keys, ids: 1}
	before.Size, after.Size = c.Before, c.After
	for _, s := range []*Side{&before, &after} {
		if err := json.Unmarshal(anchor.Sort, &s.begin); err != nil {
			return before, after, err
		}
		if err := stepBack(s.keys, s.begin); err != nil {
			return before, after, err
		}
		s.ask = 1 + s.Size + ties
	}
	ms, err := strconv.ParseInt(string(after.begin[0]), 10, 64)
	if err != nil || ms == math.MaxInt64 { // what OpenSearch sorts by where there is no value
		return before, after, Mistakes{wrong(-1, "the document has no %s, so nothing is before or after it", c.schema.Time).in("id")}
	}
	at := time.UnixMilli(ms).UTC()
	before.To, after.From = at.Add(time.Millisecond), at
	if reach := c.schema.MaxRange; reach > 0 {
		before.From, after.To = before.To.Add(-reach), at.Add(reach)
	}
	return before, after, nil
}

// Body is the search for the side's documents.
func (s Side) Body(timeout time.Duration) ([]byte, error) {
	return s.hits(s.keys, s.ask, s.begin, timeout)
}

// Take is which of the documents found are the side's, nearest first. If equals at the end
// may have been cut, wider is what to ask for instead.
func (s Side) Take(found []Hit) (places []int, wider *Side) {
	for i, h := range found {
		if !bytes.Equal(h.Sort, s.anchor.Sort) || strings.Compare(h.ID, s.anchor.ID) == s.ids {
			places = append(places, i)
		}
	}
	slices.SortStableFunc(places, func(i, j int) int {
		if bytes.Equal(found[i].Sort, found[j].Sort) {
			return s.ids * strings.Compare(found[i].ID, found[j].ID)
		}
		return i - j
	})
	if full := len(found) == s.ask; full && (len(places) < s.Size || bytes.Equal(found[places[s.Size-1]].Sort, found[len(found)-1].Sort)) {
		s.ask += maxShards
		return nil, &s
	}
	return places[:min(len(places), s.Size)], nil
}

// hits is a search for documents in an order of our own.
func (r Request) hits(keys []order, size int, after []json.RawMessage, timeout time.Duration) ([]byte, error) {
	body := object{
		"query": r.where(), "size": size, "sort": orderDSL(keys), "_source": r.source(),
		"track_total_hits": false, "timeout": milliseconds(timeout),
	}
	if after != nil {
		body["search_after"] = after
	}
	return json.Marshal(body)
}

// backwards is exactly the other direction: what has no value is then first, not last.
func backwards(keys []order) []order {
	out := slices.Clone(keys)
	for i := range out {
		out[i].desc = !out[i].desc
		out[i].first = out[i].kind != ""
	}
	return out
}
