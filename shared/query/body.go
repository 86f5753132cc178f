package query

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/field"
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
	if r.highlighting() {
		body["highlight"] = r.marks()
	}
	if len(r.facets) > 0 {
		body["aggs"] = r.facetAggs()
	}
	r.addPosted(body)
	return json.Marshal(body)
}

// addPosted adds what only a posted body can ask for.
func (r Request) addPosted(body object) {
	if post := r.postFilter(); post != nil {
		body["post_filter"] = post
	}
	if len(r.aggregations) > 0 {
		aggs := aggregationsDSL(r.aggregations)
		r.countAhead(aggs)
		body["aggs"] = aggs
	}
	if r.highlight != nil {
		body["highlight"] = r.highlight
	}
	if r.tracking != nil {
		body["track_total_hits"] = r.tracking
	}
}

// postFilter is what must hold of the documents and not of what is aggregated: with
// aggregations also that they were not shown before, as each page counts them all.
func (r Request) postFilter() object {
	clauses := object{}
	if r.post != nil {
		clauses["filter"] = []object{r.post.dsl}
	}
	if len(r.seen) > 0 && len(r.aggregations) > 0 {
		clauses["must_not"] = []object{r.shown()}
	}
	if len(clauses) == 0 {
		return nil
	}
	return boolean(clauses)
}

// shown is what finds the documents that a page before has shown.
func (r Request) shown() object {
	index := r.after[len(r.after)-2] // another index may have a document of the same id
	return boolean(object{"filter": []object{{"ids": object{"values": r.seen}}, {"term": object{"_index": index}}}})
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

// where is the only way from a request to a query: what must hold of every document that
// any search finds is added here.
func (r Request) where() object {
	filters := r.filters
	if !r.From.IsZero() || !r.To.IsZero() {
		filters = append(filters[:len(filters):len(filters)], dates(r.schema.Time, bound(r.From), bound(r.To)))
	}
	clauses := object{}
	if queries := r.queries(); len(queries) > 0 && r.scoring() {
		clauses["must"] = queries
	} else {
		filters = append(queries, filters...)
	}
	not := r.deleted()
	if len(r.seen) > 0 && len(r.aggregations) == 0 {
		not = append(not, r.shown())
	}
	if len(not) > 0 {
		clauses["must_not"] = not
	}
	if filters = append(r.tenant(), filters...); len(filters) > 0 {
		clauses["filter"] = filters
	}
	if len(clauses) == 0 {
		return object{"match_all": object{}}
	}
	return boolean(clauses)
}

// queries are what the caller looks for.
func (r Request) queries() (list []object) {
	if r.posted != nil && r.posted.dsl != nil {
		list = append(list, r.posted.dsl)
	}
	if r.query != nil {
		list = append(list, r.query)
	}
	return list
}

func (r Request) one(id string) object {
	query := object{"ids": object{"values": []string{id}}}
	mine, not := r.tenant(), r.deleted()
	if len(mine)+len(not) == 0 {
		return query
	}
	clauses := object{"filter": append(mine, query)}
	if len(not) > 0 {
		clauses["must_not"] = not
	}
	return boolean(clauses)
}

// tenant is whose documents alone are found. An empty list finds none.
func (r Request) tenant() []object {
	if r.schema.Tenant == "" {
		return nil
	}
	return []object{{"terms": object{r.schema.Tenant: append([]string{}, r.schema.Tenants...)}}}
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
func (r Request) order() []object { return orderDSL(r.total()) }

func orderDSL(list []order) []object {
	keys := []object{}
	for _, o := range list {
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
		if o.first {
			how["missing"] = "_first"
		}
		maps.Copy(how, o.more)
		keys = append(keys, object{o.field: how})
	}
	return keys
}

// source names what of a document is returned; hidden fields never are.
func (r Request) source() any {
	source := object{}
	if len(r.fields) > 0 {
		source["includes"] = r.fields
	} else if r.sourceless {
		return false
	}
	if excludes := slices.Concat(r.schema.Hidden, r.without); len(excludes) > 0 {
		source["excludes"] = excludes
	}
	if len(source) == 0 {
		return true
	}
	return source
}

// Projection names what of a document is returned (empty: all) and what is not; an asterisk
// stands for any characters.
func (r Request) Projection() (includes, excludes []string) {
	if r.sourceless && len(r.fields) == 0 {
		return nil, []string{"*"}
	}
	return r.fields, slices.Concat(r.schema.Hidden, r.without)
}

// Hidden is what no document may show, however it writes it.
func (r Request) Hidden() field.Hidden { return r.schema.hidden() }

func milliseconds(d time.Duration) string { return fmt.Sprintf("%dms", max(d.Milliseconds(), 1)) }
