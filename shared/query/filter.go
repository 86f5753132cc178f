package query

import "strings"

// readFilter reads filter=field:value. Everything behind the first colon is the value,
// as it is: nothing in it is an operator, a wildcard or an escape.
func (r *reader) readFilter(text string) {
	name, value, ok := strings.Cut(text, ":")
	switch {
	case !ok || name == "":
		r.wrong(0, "write filter=field:value")
		return
	case len([]rune(value)) > maxText:
		r.wrong(-1, "the value is longer than %d characters", maxText)
		return
	}
	field, ok := r.schema.field(name)
	if !ok {
		r.wrong(0, "%s", r.schema.unknown(name))
		return
	}
	c := compiler{schema: r.schema, now: r.clock}
	clause, m := c.match(Term{Text: value}, name, field)
	if m != nil {
		m.Position = len([]rune(name)) + 1
		r.note(m)
	}
	r.filters = append(r.filters, clause)
}
