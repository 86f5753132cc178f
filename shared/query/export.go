package query

import (
	"encoding/json"
	"net/url"
	"time"
)

// exportParameters are read in this order.
var exportParameters = after((*reader).readCursor,
	parameter{"fields", 1, (*reader).readFields},
	parameter{"format", 1, (*reader).readFormat},
	parameter{"formulas", 1, (*reader).readFormulas},
)

// ReadExport checks the parameters of an export, which has an order of its own.
func ReadExport(schema Schema, values url.Values, now time.Time) (Request, error) {
	r := newReader(schema, values, now)
	r.export, r.kind, r.Format = true, "export", "ndjson"
	r.readAll(exportParameters)
	r.checkTime()
	r.checkCursor()
	return r.result()
}

func (r *reader) readFormat(text string) {
	if text != "ndjson" && text != "csv" {
		r.wrong(-1, "%q is neither ndjson nor csv", text)
		return
	}
	r.Format = text
}

func (r *reader) readFormulas(text string) {
	if text != "keep" && text != "neutral" {
		r.wrong(-1, "%q is neither neutral (a spreadsheet does not run them) nor keep", text)
		return
	}
	r.Formulas = text == "keep"
}

// exportOrder is the order that changes to a document alter least: oldest first where
// documents never change, else by what the id is made of.
func (s Schema) exportOrder() []order {
	var list []order
	switch {
	case s.Deleted != "" && len(s.ID) > 0:
		for _, name := range s.ID {
			list = append(list, order{field: name, kind: s.Fields[name].Type})
		}
	case s.Time != "":
		list = []order{{field: s.Time, kind: "date"}}
	}
	return list
}

// Stable says that documents keep their place in an export's order while they change:
// going on behind one shows none twice and leaves none out, whatever is written.
func (s Schema) Stable() bool { return s.Deleted == "" || len(s.ID) > 0 }

// Page is a page of an export as JSON for _search: of size documents, of the point in
// time if there is one. OpenSearch is to give up after timeout.
func (r Request) Page(size int, pit string, keep, timeout time.Duration) ([]byte, error) {
	body := object{
		"query":            r.where(),
		"size":             size,
		"sort":             r.order(),
		"_source":          r.source(),
		"timeout":          milliseconds(timeout),
		"track_total_hits": false,
	}
	if pit != "" {
		body["pit"] = object{"id": pit, "keep_alive": milliseconds(keep)}
	}
	if r.after != nil {
		body["search_after"] = r.after
	}
	return json.Marshal(body)
}

// Count is a search that only counts what all pages of an export together hold.
func (r Request) Count(pit string, keep, timeout time.Duration) ([]byte, error) {
	r.after, r.seen = nil, nil
	return json.Marshal(object{
		"query":            r.where(),
		"size":             0,
		"timeout":          milliseconds(timeout),
		"track_total_hits": true,
		"pit":              object{"id": pit, "keep_alive": milliseconds(keep)},
	})
}

// Behind is the request for what comes behind these documents.
func (r Request) Behind(shown []Hit) (Request, error) {
	p, err := r.position(shown)
	r.after, r.seen = p.After, p.Seen
	return r, err
}

// Cursor is where the request begins, empty at the beginning.
func (r Request) Cursor() (string, error) {
	if r.after == nil {
		return "", nil
	}
	return r.cursor(position{Clock: r.clock.Unix(), After: r.after, Seen: r.seen})
}

// Fields are the names that were asked for; empty: all.
func (r Request) Fields() []string { return r.fields }
