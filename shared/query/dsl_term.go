package query

import (
	"slices"

	"github.com/sluice-dev/sluice/shared/raw"
)

// fieldAndRest takes {"field": value} and {"field": {"value": value, ...}} apart.
func (b *bodyReader) fieldAndRest(v *value, inner string, rest keys) (*value, *value) {
	one, ok := b.only(v, "a field's")
	if !ok {
		return nil, nil
	}
	if one.kind != raw.Object {
		return one, one
	}
	var found *value
	rest[inner] = func(v *value) { found = v }
	b.members(one, rest, refusedEverywhere)
	if found == nil {
		b.needs(one, inner)
		return nil, nil
	}
	return one, found
}

func (b *bodyReader) readTerm(v *value) Clause {
	more := object{}
	name, given := b.fieldAndRest(v, "value", keys{"boost": b.boost(more), "case_insensitive": b.flagOf(more)})
	if name == nil {
		return Clause{}
	}
	f, ok := b.searchable(name, name.name)
	if !ok {
		return Clause{}
	}
	if _, given := more["case_insensitive"]; given && !isString(f.Type) && f.Type != "text" {
		b.wrong(name, "case_insensitive is for text and keywords, %s is of type %s", name.name, f.Type)
	}
	c := Clause{Fields: []string{name.name}, Values: 1}
	c.dsl = b.equal(given, name.name, f, more)
	return c
}

// equal is what finds one value in a field.
func (b *bodyReader) equal(v *value, name string, f Field, more object) object {
	if f.Type == "date" {
		m, ok := b.moment(v, dateStyle{})
		if !ok {
			return nil
		}
		return with(dates(name, &m.start, &m.end), "range", name, more)
	}
	literal, ok := b.literal(v, name, f)
	if !ok {
		return nil
	}
	if zero(f.Type, v.text) {
		return with(object{"range": object{name: object{"gte": zeros["gte"], "lte": zeros["lte"]}}}, "range", name, more)
	}
	return with(object{"term": object{name: object{"value": literal}}}, "term", name, more)
}

// with adds to the innermost object of {kind: {field: {...}}}.
func with(clause object, kind, field string, more object) object {
	inner, _ := clause[kind].(object)[field].(object)
	for name, one := range more {
		inner[name] = one
	}
	return clause
}

func isString(kind string) bool { return slices.Contains(stringTypes, kind) }

func (b *bodyReader) readTerms(v *value) Clause {
	more, c := object{}, Clause{}
	known := keys{"boost": b.boost(more)}
	for _, m := range v.members {
		if m.name != "boost" && c.Fields == nil && refusedEverywhere[m.name] == "" {
			c.Fields = []string{m.name}
			known[m.name] = func(v *value) { b.termsOf(&c, v, more) }
		}
	}
	b.members(v, known, refusedEverywhere)
	if c.Fields == nil {
		b.wrong(v, `is empty: write {"terms":{"field":["one","other"]}}`)
	}
	return c
}

func (b *bodyReader) termsOf(c *Clause, v *value, more object) {
	name := v.name
	f, ok := b.searchable(v, name)
	if !ok {
		return
	}
	most := maxTerms
	if f.Type == "date" {
		most = maxClauses
	}
	switch {
	case v.kind == raw.Object:
		b.wrong(v, "not supported: values from another index (terms lookup); fetch them first and list them here")
		return
	case v.kind != raw.Array:
		b.wrong(v, "is %s, not an array of values", v.describe())
		return
	case len(v.items) > most:
		b.wrong(v, "has %d values, the most are %d: ask in several searches", len(v.items), most)
		return
	}
	c.Values = len(v.items)
	plain, ranges := []any{}, []object{}
	for _, one := range v.items {
		equal := b.equal(one, name, f, nil)
		if term, ok := equal["term"].(object); ok {
			plain = append(plain, term[name].(object)["value"])
		} else if equal != nil {
			ranges = append(ranges, equal)
		}
	}
	inner := object{name: plain}
	if c.dsl = (object{"terms": inner}); len(ranges) > 0 {
		if len(plain) > 0 {
			ranges = append(ranges, c.dsl)
		}
		inner = object{"should": ranges, "minimum_should_match": 1}
		c.dsl = boolean(inner)
	}
	if boost, ok := more["boost"]; ok {
		inner["boost"] = boost
	}
}

func (b *bodyReader) readExists(v *value) Clause {
	c := Clause{}
	b.members(v, keys{
		"field": func(v *value) {
			if name, f, ok := b.fieldOf(v); ok {
				c.dsl, c.Fields = existence(name, f), []string{name}
			}
		},
		"boost": b.boost(object{}), // every document would have the same
	}, refusedEverywhere)
	b.needs(v, "field")
	return c
}

func (b *bodyReader) readIDs(v *value) Clause {
	inner, c := object{}, Clause{}
	b.members(v, keys{
		"values": func(v *value) {
			ids := []string{}
			for _, one := range v.list() {
				switch {
				case !one.scalar() || len(one.text) > 512 || one.text == "":
					b.wrong(one, "is no document's id: a string of 1 to 512 bytes")
				case len(ids) == maxTerms:
					b.wrong(v, "has more than %d ids: ask in several searches", maxTerms)
					return
				default:
					ids = append(ids, one.text)
				}
			}
			inner["values"], c.Values = ids, len(ids)
		},
		"boost": b.boost(inner),
	}, refusedEverywhere)
	b.needs(v, "values")
	c.dsl = object{"ids": inner}
	return c
}
