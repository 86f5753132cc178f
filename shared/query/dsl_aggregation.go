package query

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

const (
	maxAggregations = 32
	maxAggDepth     = 5      // aggregations inside one another
	maxBuckets      = 10_000 // of all aggregations of one search, as far as can be told before
	maxTopHits      = 1000   // documents of top_hits in all buckets
)

// Aggregation is one aggregation of a posted body after it has been checked.
type Aggregation struct {
	Name    string
	Kind    string // as OpenSearch calls it
	Field   string
	Buckets int      // that it makes in each bucket that it is in, at most or as assumed; 0: none
	Filters []Clause // of filter and filters
	Inside  []Aggregation

	at       *value
	interval time.Duration // of a date_histogram
	hard     span          // its hard_bounds
	extended span          // its extended_bounds
	end      time.Time     // of its buckets, where the range has none; zero: it is the range's
	order    *value
	hits     int
	inner    object
}

// Aggregations are those of a posted body.
func (r Request) Aggregations() []Aggregation { return r.aggregations }

// Walk visits the aggregation and all inside it.
func (a Aggregation) Walk(visit func(a Aggregation, depth int)) { a.walk(visit, 0) }

func (a Aggregation) walk(visit func(Aggregation, int), depth int) {
	visit(a, depth)
	for _, one := range a.Inside {
		one.walk(visit, depth+1)
	}
}

// dsl is the aggregations as OpenSearch reads them.
func aggregationsDSL(list []Aggregation) object {
	all := object{}
	for _, a := range list {
		one := object{a.Kind: a.inner}
		if len(a.Inside) > 0 {
			one["aggs"] = aggregationsDSL(a.Inside)
		}
		all[a.Name] = one
	}
	return all
}

// aggregationKinds is all that an aggregation may be; those that hold others come first.
func (b *bodyReader) aggregationKinds() map[string]func(*value, *Aggregation) {
	return map[string]func(*value, *Aggregation){
		"terms":          b.readTermsAgg,
		"date_histogram": b.readDateHistogram,
		"histogram":      b.readHistogram,
		"range":          b.readRangeAgg,
		"date_range":     b.readDateRangeAgg,
		"filter":         b.readFilterAgg,
		"filters":        b.readFiltersAgg,
		"missing":        b.readMissingAgg,
		"nested":         b.readNestedAgg,
		"reverse_nested": b.readReverseNested,

		"min": b.readMetric, "max": b.readMetric, "avg": b.readMetric, "sum": b.readMetric, "value_count": b.readMetric,
		"stats": b.readMetric, "extended_stats": b.readMetric, "cardinality": b.readMetric, "percentiles": b.readMetric,
		"top_hits": b.readTopHits,
	}
}

var metrics = []string{"min", "max", "avg", "sum", "value_count", "stats", "extended_stats", "cardinality", "percentiles", "top_hits"}

func (b *bodyReader) readAggregations(v *value) {
	if b.aggregations != nil {
		b.wrong(v, "aggs and aggregations are the same: leave one of them out")
		return
	}
	b.aggregations = b.aggregationList(v, 1)
}

func (b *bodyReader) aggregationList(v *value, depth int) []Aggregation {
	if v.kind != raw.Object {
		b.wrong(v, "is %s, not an object of aggregations by their names", v.describe())
		return nil
	}
	if depth > maxAggDepth {
		b.wrong(v, "aggregations are nested deeper than %d", maxAggDepth)
		return nil
	}
	list := []Aggregation{}
	for _, m := range v.members {
		if b.aggs++; b.aggs > maxAggregations {
			b.wrong(m, "more than %d aggregations: ask in several searches", maxAggregations)
			break
		}
		list = append(list, b.aggregation(m, depth))
	}
	return list
}

// aggregation reads {"kind": {...}, "aggs": {...}}.
func (b *bodyReader) aggregation(v *value, depth int) Aggregation {
	a := Aggregation{Name: v.name, at: v, inner: object{}}
	if v.name == "" || len(v.name) > 128 || strings.ContainsAny(v.name, "[]>") {
		b.wrong(v, "an aggregation's name has 1 to 128 bytes, and none of [ ] >")
	}
	var kind, inside *value
	b.eachMember(v, func(m *value) {
		_, known := b.aggregationOf[m.name]
		switch {
		case m.name == "aggs" || m.name == "aggregations":
			if inside != nil {
				b.wrong(m, "aggs and aggregations are the same: leave one of them out")
			}
			inside = m
		case !known:
			b.unknown(m, slices.Sorted(maps.Keys(b.aggregationOf)), refusedAggregations)
		case kind != nil:
			b.wrong(m, "is given beside %s: one aggregation has one kind", kind.name)
		default:
			kind = m
		}
	})
	if kind != nil {
		b.fill(&a, kind, inside, depth)
	} else if v.kind == raw.Object && len(b.mistakes) == 0 {
		b.wrong(v, "names no kind: %s", strings.Join(slices.Sorted(maps.Keys(b.aggregationOf)), ", "))
	}
	return a
}

// fill reads the kind, then what is inside of it: in a nested field, where that leads.
func (b *bodyReader) fill(a *Aggregation, kind, inside *value, depth int) {
	outer := b.nested
	defer func() { b.nested = outer }()
	a.Kind, a.at = kind.name, kind
	b.aggregationOf[kind.name](kind, a)
	if inside != nil {
		a.Inside = b.inside(a, inside, depth)
	}
	b.readOrder(a)
}

func (b *bodyReader) inside(a *Aggregation, v *value, depth int) []Aggregation {
	if slices.Contains(metrics, a.Kind) {
		b.wrong(v, "%s holds no other aggregations", a.Kind)
		return nil
	}
	return b.aggregationList(v, depth+1)
}

// aggregated reads the name of a field whose values can be aggregated.
func (b *bodyReader) aggregated(a *Aggregation, fits func(Field) bool, what string) func(*value) {
	return func(v *value) {
		name, f, ok := b.fieldOf(v)
		switch {
		case !ok:
		case !f.ordered() && f.Type == "text" && b.schema.Fields[name+".keyword"].Type != "":
			b.wrong(v, "%s (text) cannot be aggregated: use %[1]s.keyword", name)
		case !f.ordered():
			b.wrong(v, "%s (%s) cannot be aggregated: numbers, dates, booleans, addresses and keywords can", name, f.Type)
		case !fits(f):
			b.wrong(v, "%s is of type %s: %s aggregates %s", name, f.Type, a.Kind, what)
		default:
			a.Field, a.inner["field"] = name, name
		}
	}
}

func anyType(Field) bool { return true }

func isNumber(f Field) bool {
	_, ok := integers[f.Type]
	return ok || slices.Contains(floatTypes, f.Type)
}

func isNumberOrDate(f Field) bool { return isNumber(f) || f.Type == "date" }

// missingValue reads what stands for a missing value.
func (b *bodyReader) missingValue(a *Aggregation, v *value) {
	if v == nil || a.Field == "" {
		return
	}
	f, _ := b.schema.field(a.Field)
	if f.Type == "date" {
		if m, ok := b.moment(v, dateStyle{}); ok {
			a.inner["missing"] = m.start.UnixMilli()
		}
	} else if value, ok := b.literal(v, a.Field, f); ok {
		a.inner["missing"] = value
	}
}
