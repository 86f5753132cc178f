package query

import "strings"

// order is one key that documents are sorted by.
type order struct {
	field string
	kind  string // field type; empty: one of OpenSearch's own fields
	desc  bool
	first bool // documents without a value come first, not last
}

// readSort reads field:asc and field:desc, separated by commas.
func (r *reader) readSort(text string) {
	r.sort = r.orders(text)
}

func (r *reader) orders(text string) []order {
	if strings.Count(text, ",") >= maxSorts {
		r.wrong(-1, "more than %d keys", maxSorts)
		return nil
	}
	var list []order
	at := 0
	for part := range strings.SplitSeq(text, ",") {
		if o, m := r.schema.order(part); m != nil {
			m.Position = at
			r.note(m)
		} else {
			list = append(list, o)
		}
		at += len([]rune(part)) + 1
	}
	return list
}

func (s Schema) order(text string) (order, *Mistake) {
	name, direction, given := strings.Cut(text, ":")
	if given && direction != "asc" && direction != "desc" {
		return order{}, wrong(0, "%q is no direction: write %s:asc or %[2]s:desc", direction, name)
	}
	if name == "_score" {
		return order{field: name, desc: direction != "asc"}, nil
	}
	f, ok := s.field(name)
	switch {
	case !ok:
		return order{}, wrong(0, "%s", s.unknown(name))
	case !f.Sortable():
		return order{}, wrong(0, "%s (%s) cannot be sorted by: numbers, dates, addresses and keywords can", name, f.Type)
	}
	return order{field: name, kind: f.Type, desc: direction == "desc"}, nil
}

// Sortable says whether documents can be put in order by the field.
func (f Field) Sortable() bool {
	switch f.Type {
	case "text", "wildcard", "object", "flat_object", "geo_point", "binary", "nested":
		return false
	}
	return !f.Unsortable
}

// defaultSort is the collection's order; without one the newest first, or what fits best.
func (r *reader) defaultSort() []order {
	r.name = "search.sort of the collection"
	switch {
	case r.schema.Sort != "":
		return r.orders(r.schema.Sort)
	case r.schema.Time != "":
		return []order{{field: r.schema.Time, kind: "date", desc: true}}
	}
	return []order{{field: "_score", desc: true}}
}

// total is the order with what decides between equals: the fields of the id, then the
// index and the document's number in its shard. Never _id, whose values OpenSearch would
// load into memory. What is still equal lies on different shards; the cursor names it.
func (r Request) total() []order {
	list := r.sort
	add := func(field, kind string, desc bool) {
		for _, o := range list {
			if o.field == field {
				return
			}
		}
		list = append(list[:len(list):len(list)], order{field: field, kind: kind, desc: desc})
	}
	newestFirst := len(list) > 0 && list[0].desc
	if len(list) > 0 && list[0].kind == "scaled_float" {
		list = append([]order{{field: nothing, kind: "keyword"}}, list...)
	}
	if r.schema.Time != "" {
		add(r.schema.Time, "date", true)
	}
	for _, name := range r.schema.ID {
		add(name, r.schema.Fields[name].Type, false)
	}
	add("_index", "", newestFirst)
	// A document that changes takes a new, higher number: so in this order it may come
	// again, changed, but is never passed over.
	add("_seq_no", "", newestFirst && r.schema.Deleted == "")
	return list
}

// nothing is no field: all documents are equal in it. It stands before a scaled_float, as
// OpenSearch passes over documents when that is what it sorts by first
// (opensearch-project/OpenSearch#17833).
const nothing = "_sluice_nothing"
