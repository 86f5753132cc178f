package query

import (
	"maps"
	"slices"
	"strings"

	"github.com/sluice-dev/sluice/shared/raw"
)

const (
	maxTermBuckets = 1000
	maxShardSize   = 10_000
	maxRanges      = 100
	maxFilterAggs  = 32
)

func (b *bodyReader) readTermsAgg(v *value, a *Aggregation) {
	size := 10
	var missing *value
	lists := map[string]*value{}
	list := func(v *value) { lists[v.name] = v }
	b.members(v, keys{
		"field": b.aggregated(a, anyType, ""),
		"size": func(v *value) {
			if n, ok := b.integer(v, 1, maxTermBuckets); ok {
				size, a.inner["size"] = n, n
			}
		},
		"shard_size": b.integerOf(a.inner, 1, maxShardSize), "missing": func(v *value) { missing = v },
		"min_doc_count": func(v *value) {
			if v.text == "0" { // terms of documents that the query does not find
				b.wrong(v, "0 would tell values of documents that the search must not find: the least is 1")
				return
			}
			b.integerOf(a.inner, 1, 1<<30)(v)
		},
		"shard_min_doc_count": b.integerOf(a.inner, 0, 1<<30),
		"include":             list, "exclude": list, "order": func(v *value) { a.order = v },
		"show_term_doc_count_error": b.flagOf(a.inner), "format": b.textOf(a.inner, 64),
		"collect_mode":   b.wordOf(a.inner, "depth_first", "breadth_first"),
		"execution_hint": b.wordOf(a.inner, "map", "global_ordinals"),
	}, refusedEverywhere)
	a.Buckets = size
	b.needs(v, "field")
	b.missingValue(a, missing)
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		b.includes(a, lists[name])
	}
}

// includes reads a list of exact values. A string would be a regular expression.
func (b *bodyReader) includes(a *Aggregation, v *value) {
	f, _ := b.schema.field(a.Field)
	switch {
	case v.kind != raw.Array:
		b.wrong(v, "regular expressions and partitions are not supported: list the values, [\"one\",\"other\"], or search for them")
	case len(v.items) > maxTerms:
		b.wrong(v, "has %d values, the most are %d", len(v.items), maxTerms)
	case f.Type == "date" || a.Field == "":
		b.wrong(v, "is not possible with dates: search for a range")
	default:
		values := []any{}
		for _, one := range v.items {
			if value, ok := b.literal(one, a.Field, f); ok {
				values = append(values, value)
			}
		}
		a.inner[v.name] = values
	}
}

func (b *bodyReader) readFilterAgg(v *value, a *Aggregation) {
	c := b.clause(v)
	a.Filters, a.Buckets = []Clause{c}, 1
	if a.inner = c.dsl; a.inner == nil {
		a.inner = object{}
	}
}

func (b *bodyReader) readFiltersAgg(v *value, a *Aggregation) {
	b.members(v, keys{
		"filters": func(v *value) {
			if v.kind == raw.Array {
				all := []object{}
				for _, one := range v.items {
					a.Filters = append(a.Filters, b.clause(one))
					all = append(all, a.Filters[len(a.Filters)-1].dsl)
				}
				a.inner["filters"] = all
				return
			}
			named := object{}
			b.eachMember(v, func(one *value) {
				c := b.clause(one)
				a.Filters, named[one.name] = append(a.Filters, c), c.dsl
			})
			a.inner["filters"] = named
		},
		"other_bucket": b.flagOf(a.inner), "other_bucket_key": b.textOf(a.inner, 128), "keyed": b.flagOf(a.inner),
	}, refusedEverywhere)
	b.needs(v, "filters")
	if a.Buckets = len(a.Filters) + 1; len(a.Filters) > maxFilterAggs {
		b.wrong(v, "has more than %d filters", maxFilterAggs)
	}
}

// eachMember visits an object whose names are the caller's own.
func (b *bodyReader) eachMember(v *value, visit func(*value)) {
	if v.kind != raw.Object {
		b.wrong(v, "is %s, not an object", v.describe())
		return
	}
	for _, m := range v.members {
		visit(m)
	}
}

func (b *bodyReader) readMissingAgg(v *value, a *Aggregation) {
	b.members(v, keys{"field": b.aggregated(a, anyType, "")}, refusedEverywhere)
	b.needs(v, "field")
	a.Buckets = 1
}

func (b *bodyReader) readNestedAgg(v *value, a *Aggregation) {
	b.members(v, keys{"path": func(v *value) {
		if name, ok := b.nestedPath(v); ok {
			b.nested, a.inner["path"] = name, name
		}
	}}, refusedEverywhere)
	b.needs(v, "path")
	a.Buckets = 1
}

func (b *bodyReader) readReverseNested(v *value, a *Aggregation) {
	if b.nested == "" {
		b.wrong(v, "belongs into a nested aggregation, whose way back it is")
	}
	outer := b.nested
	b.nested, a.Buckets = "", 1
	b.members(v, keys{"path": func(v *value) {
		if name, ok := b.nestedPath(v); ok && !strings.HasPrefix(outer, name+".") {
			b.wrong(v, "%s does not hold %s", name, outer)
		} else if ok {
			b.nested, a.inner["path"] = name, name
		}
	}}, refusedEverywhere)
}
