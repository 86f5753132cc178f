package query

import (
	"maps"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Clause is one query of a posted body after it has been checked: what it costs can be
// told from it, and dsl is what OpenSearch is asked.
type Clause struct {
	Kind   string   // as OpenSearch calls it: bool, term, wildcard, ...
	Fields []string // that it looks into
	Values int      // how many it looks for
	Text   string   // pattern of a wildcard, beginning of a prefix
	Inside []Clause

	role string // in the bool above: must, filter, should, must_not
	span *span  // of a range of time
	dsl  object
}

// span is a half-open range of time; zero: open.
type span struct{ from, to time.Time }

// Walk visits the clause and all inside it.
func (c Clause) Walk(visit func(c Clause, depth int)) { c.walk(visit, 0) }

func (c Clause) walk(visit func(Clause, int), depth int) {
	visit(c, depth)
	for _, one := range c.Inside {
		one.walk(visit, depth+1)
	}
}

// Clauses are the queries of a posted body; those of its aggregations are in Aggregations.
func (r Request) Clauses() (all []Clause) {
	for _, c := range []*Clause{r.posted, r.post} {
		if c != nil {
			all = append(all, *c)
		}
	}
	return append(all, r.beside...)
}

// clauseBeside is a query that is neither the search's nor a filter's.
func (b *bodyReader) clauseBeside(v *value) object {
	c := b.clause(v)
	b.beside = append(b.beside, c)
	return c.dsl
}

// clauseKinds is all that a query may be.
func (b *bodyReader) clauseKinds() map[string]func(*value) Clause {
	return map[string]func(*value) Clause{
		"bool":                b.readBool,
		"constant_score":      b.readConstant,
		"dis_max":             b.readDisMax,
		"nested":              b.readNested,
		"match_all":           b.readAll,
		"match_none":          b.readAll,
		"match":               b.readMatch,
		"match_phrase":        b.readMatch,
		"match_phrase_prefix": b.readMatch,
		"match_bool_prefix":   b.readMatch,
		"multi_match":         b.readMultiMatch,
		"term":                b.readTerm,
		"terms":               b.readTerms,
		"range":               b.readRange,
		"exists":              b.readExists,
		"prefix":              b.readPattern,
		"wildcard":            b.readPattern,
		"ids":                 b.readIDs,
	}
}

// clause reads {"kind": {...}}. What is wrong has been noted, and the clause is then empty.
func (b *bodyReader) clause(v *value) Clause {
	one, ok := b.only(v, `such as {"term":{"field":"value"}}`)
	if !ok {
		return Clause{}
	}
	read, ok := b.clauseOf[one.name]
	if !ok {
		b.unknown(one, slices.Sorted(maps.Keys(b.clauseOf)), refusedQueries)
		return Clause{}
	}
	if b.clauses++; b.clauses > maxClauses {
		b.wrong(one, "more than %d queries", maxClauses)
		return Clause{}
	}
	if b.depth++; b.depth > maxDepth {
		b.wrong(one, "queries are nested deeper than %d", maxDepth)
		return Clause{}
	}
	defer func() { b.depth-- }()
	if one.kind != raw.Object {
		b.wrong(one, "is %s, not an object", one.describe())
		return Clause{}
	}
	c := read(one)
	c.Kind = one.name
	return c
}

func (b *bodyReader) readQuery(v *value) {
	c := b.clause(v)
	b.posted = &c
}

func (b *bodyReader) readPostFilter(v *value) {
	c := b.clause(v)
	b.post = &c
}

func (b *bodyReader) readAll(v *value) Clause {
	inner := object{}
	b.members(v, keys{"boost": b.boost(inner)}, refusedEverywhere)
	return Clause{dsl: object{v.name: inner}}
}
