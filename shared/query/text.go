package query

import (
	"maps"
	"slices"
)

// readText reads q.
func (r *reader) readText(text string) {
	node, m := parse(text)
	if m != nil {
		r.note(m)
		return
	}
	c := compiler{schema: r.schema, now: r.clock, scoring: r.scoring()}
	query := c.node(node)
	for _, m := range c.mistakes {
		r.note(m)
	}
	if _, everything := node.(All); !everything {
		r.query = query
	}
	names := map[string]bool{}
	r.schema.named(node, names)
	r.named = slices.Sorted(maps.Keys(names))
}

// scoring says whether relevance decides the order.
func (r *Request) scoring() bool {
	for _, o := range r.sort {
		if o.field == "_score" {
			return true
		}
	}
	return false
}
