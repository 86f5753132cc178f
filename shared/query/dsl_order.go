package query

import (
	"slices"
	"strings"
)

// readOrder checks what buckets are sorted by: _count, _key, or a metric beside it.
func (b *bodyReader) readOrder(a *Aggregation) {
	if a.order == nil {
		return
	}
	var all []object
	for _, v := range a.order.list() {
		b.eachMember(v, func(one *value) {
			direction, ok := b.word(one, "asc", "desc")
			if ok && b.orderable(a, one) {
				all = append(all, object{one.name: direction})
			}
		})
	}
	if len(all) > maxSorts {
		b.wrong(a.order, "more than %d keys", maxSorts)
	}
	if a.inner["order"] = all; len(all) == 1 {
		a.inner["order"] = all[0]
	}
}

var (
	statsParts    = []string{"count", "min", "max", "avg", "sum"}
	extendedParts = append([]string{"sum_of_squares", "variance", "variance_population", "variance_sampling", "std_deviation", "std_deviation_population", "std_deviation_sampling"}, statsParts...)
)

func (b *bodyReader) orderable(a *Aggregation, v *value) bool {
	if v.name == "_count" || v.name == "_key" {
		return true
	}
	if leadsToMetric(a.Inside, v.name) {
		return true
	}
	b.wrong(v, "is nothing to sort by: _count, _key, or a metric inside, such as \"average\", \"statistics.max\" or, in a filter, \"cheap>average\"")
	return false
}

// leadsToMetric says whether a path names one number in each bucket.
func leadsToMetric(list []Aggregation, path string) bool {
	for _, m := range list {
		rest, ok := strings.CutPrefix(path, m.Name)
		inside, isInside := strings.CutPrefix(rest, ">")
		part, isPart := strings.CutPrefix(rest, ".")
		switch {
		case !ok || rest != "" && !isInside && !isPart:
		case isInside && slices.Contains([]string{"filter", "missing", "nested", "reverse_nested"}, m.Kind) && leadsToMetric(m.Inside, inside),
			slices.Contains([]string{"min", "max", "avg", "sum", "value_count", "cardinality"}, m.Kind) && (rest == "" || part == "value"),
			m.Kind == "stats" && slices.Contains(statsParts, part),
			m.Kind == "extended_stats" && slices.Contains(extendedParts, part),
			m.Kind == "percentiles" && decimal.MatchString(part):
			return true
		}
	}
	return false
}
