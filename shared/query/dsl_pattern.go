package query

import "strings"

const maxMarks = 5 // * and ? of one wildcard

// readPattern reads prefix and wildcard, where the collection allows them.
func (b *bodyReader) readPattern(v *value) Clause {
	more := object{}
	rest := keys{"boost": b.boost(more), "case_insensitive": b.flagOf(more)}
	inner := "value"
	if one := v.members; v.name == "wildcard" && len(one) == 1 && one[0].member("wildcard") != nil {
		inner = "wildcard"
	}
	name, given := b.fieldAndRest(v, inner, rest)
	if name == nil {
		return Clause{}
	}
	f, ok := b.searchable(name, name.name)
	if !ok || !b.wildcardsAllowed(v) {
		return Clause{}
	}
	text, ok := b.text(given, 256)
	switch {
	case !ok:
	case !isString(f.Type) && f.Type != "text":
		b.wrong(name, "%s (%s) takes no %s: use range", name.name, f.Type, v.name)
	case text == "" || v.name == "wildcard" && strings.ContainsAny(text[:1], "*?"):
		b.wrong(given, "cannot begin with a wildcard, or be empty: every word of the field would be looked at")
	case v.name == "wildcard" && strings.Count(text, "*")+strings.Count(text, "?") > maxMarks:
		b.wrong(given, "holds more than %d wildcards", maxMarks)
	}
	more["value"] = text
	return Clause{Fields: []string{name.name}, Values: 1, Text: text, dsl: object{v.name: object{name.name: more}}}
}

func (b *bodyReader) wildcardsAllowed(v *value) bool {
	if !b.schema.Wildcards {
		b.wrong(v, "wildcards are not allowed in this collection (search.wildcards)")
	}
	return b.schema.Wildcards
}
