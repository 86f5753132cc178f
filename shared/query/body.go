package query

import (
	"encoding/json"
	"fmt"
	"time"
)

// Body is the search as JSON for _search, which is to give up after timeout.
func (r Request) Body(timeout time.Duration) ([]byte, error) {
	body := object{
		"query":   r.where(),
		"size":    r.Size,
		"sort":    r.order(),
		"_source": r.source(),
		"timeout": milliseconds(timeout),
	}
	if r.schema.Rows {
		body["version"] = true
	}
	if r.after != nil {
		body["search_after"] = r.after
	} else if r.offset > 0 {
		body["from"] = r.offset
	}
	return json.Marshal(body)
}

// Document is a search for the one document with this id, the newest if there are more.
func (r Request) Document(id string, timeout time.Duration) ([]byte, error) {
	body := object{
		"query":   r.one(id),
		"size":    1,
		"sort":    r.order(),
		"_source": r.source(),
		"timeout": milliseconds(timeout),
	}
	if r.schema.Rows {
		body["version"] = true
	}
	return json.Marshal(body)
}

func (r Request) where() object {
	filters := r.filters
	if !r.From.IsZero() || !r.To.IsZero() {
		filters = append(filters[:len(filters):len(filters)], dates(r.schema.Time, bound(r.From), bound(r.To)))
	}
	clauses := object{}
	if r.query != nil && r.scoring() {
		clauses["must"] = []object{r.query}
	} else if r.query != nil {
		filters = append([]object{r.query}, filters...)
	}
	not := r.deleted()
	if len(r.seen) > 0 {
		index := r.after[len(r.after)-2] // another index may have a document of the same id
		not = append(not, boolean(object{"filter": []object{
			{"ids": object{"values": r.seen}}, {"term": object{"_index": index}},
		}}))
	}
	if len(not) > 0 {
		clauses["must_not"] = not
	}
	if len(filters) > 0 {
		clauses["filter"] = filters
	}
	if len(clauses) == 0 {
		return object{"match_all": object{}}
	}
	return boolean(clauses)
}

func (r Request) one(id string) object {
	query := object{"ids": object{"values": []string{id}}}
	if not := r.deleted(); len(not) > 0 {
		return boolean(object{"filter": []object{query}, "must_not": not})
	}
	return query
}

// deleted is what no search finds.
func (r Request) deleted() []object {
	if r.schema.Deleted == "" {
		return nil
	}
	return []object{{"exists": object{"field": r.schema.Deleted}}}
}

func bound(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// order names a type for fields that an older index has no mapping of.
func (r Request) order() []object {
	var keys []object
	for _, o := range r.total() {
		how := object{"order": "asc"}
		if o.desc {
			how["order"] = "desc"
		}
		switch o.kind {
		case "":
		case "scaled_float": // needs a factor, which a sort cannot give
			how["unmapped_type"] = "double"
		default:
			how["unmapped_type"] = o.kind
		}
		keys = append(keys, object{o.field: how})
	}
	return keys
}

// source names what of a document is returned; hidden fields never are.
func (r Request) source() any {
	source := object{}
	if len(r.fields) > 0 {
		source["includes"] = r.fields
	}
	if len(r.schema.Hidden) > 0 {
		source["excludes"] = r.schema.Hidden
	}
	if len(source) == 0 {
		return true
	}
	return source
}

// Projection names what of a document is returned (empty: all) and what never is.
func (r Request) Projection() (includes, excludes []string) { return r.fields, r.schema.Hidden }

func milliseconds(d time.Duration) string { return fmt.Sprintf("%dms", max(d.Milliseconds(), 1)) }
