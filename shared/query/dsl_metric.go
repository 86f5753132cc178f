package query

import (
	"encoding/json"
	"strconv"

	"github.com/sluice-dev/sluice/shared/raw"
)

const (
	maxPercents           = 20
	maxPrecision          = 10_000
	maxPrecisionInBuckets = 1000
	defaultPrecision      = 3000
	maxTopHitsSize        = 100
)

// readMetric reads all that makes numbers of a field's values.
func (b *bodyReader) readMetric(v *value, a *Aggregation) {
	var missing *value
	fits, what := isNumberOrDate, "numbers and dates"
	if a.Kind == "cardinality" || a.Kind == "value_count" {
		fits = anyType
	}
	known := keys{
		"field": b.aggregated(a, fits, what), "missing": func(v *value) { missing = v }, "format": b.textOf(a.inner, 64),
	}
	switch a.Kind {
	case "cardinality":
		delete(known, "format")
		known["precision_threshold"] = b.integerOf(a.inner, 0, maxPrecision)
	case "extended_stats":
		known["sigma"] = func(v *value) { put(a.inner, v, b.positive) }
	case "percentiles":
		known["percents"] = func(v *value) { b.readPercents(v, a) }
		known["keyed"] = b.flagOf(a.inner)
		known["tdigest"] = func(v *value) {
			inner := object{}
			b.members(v, keys{"compression": b.integerOf(inner, 10, 1000)}, nil)
			a.inner["tdigest"] = inner
		}
	}
	b.members(v, known, refusedEverywhere)
	b.needs(v, "field")
	b.missingValue(a, missing)
}

func (a *Aggregation) precision() int {
	if n, ok := a.inner["precision_threshold"].(int); ok {
		return n
	}
	return defaultPrecision
}

func (b *bodyReader) readPercents(v *value, a *Aggregation) {
	if v.kind != raw.Array || len(v.items) == 0 || len(v.items) > maxPercents {
		b.wrong(v, "is not an array of 1 to %d numbers", maxPercents)
		return
	}
	all := []json.RawMessage{}
	for _, one := range v.items {
		n, ok := b.positive(one)
		if f, _ := strconv.ParseFloat(one.text, 64); ok && f > 100 {
			b.wrong(one, "is over 100")
		}
		all = append(all, n)
	}
	a.inner["percents"] = all
}

// readTopHits reads documents of each bucket, without what is hidden.
func (b *bodyReader) readTopHits(v *value, a *Aggregation) {
	a.hits = 3
	if b.nested != "" {
		b.wrong(v, "is not possible in a nested aggregation")
	}
	shown := Request{schema: b.schema}
	b.members(v, keys{
		"size": func(v *value) {
			if n, ok := b.integer(v, 0, maxTopHitsSize); ok {
				a.hits, a.inner["size"] = n, n
			}
		},
		"from": b.integerOf(a.inner, 0, maxTopHitsSize),
		"sort": func(v *value) {
			a.inner["sort"] = orderDSL(b.sorts(v))
		},
		"_source": func(v *value) { b.readSourceFor(&shown, v) },
	}, refusedEverywhere)
	a.inner["_source"] = shown.source()
}
