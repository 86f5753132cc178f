package query

import (
	"slices"
	"strings"
)

func (c *compiler) term(n Term) object {
	if n.Wild != "" && !c.schema.Wildcards {
		c.add(wrong(n.At, `wildcards are not allowed in this collection (search.wildcards): write \%c to look for it`, n.Wild[0]))
		return nil
	}
	if n.Field.Text == "" {
		return c.anywhere(n)
	}
	f, ok := c.field(n.Field)
	if !ok {
		return nil
	}
	clause, m := c.match(n, n.Field.Text, f)
	if m != nil {
		m.Position = n.At
		c.add(m)
	}
	return clause
}

// anywhere looks for a bare word in the default fields, except those that cannot hold it.
func (c *compiler) anywhere(n Term) object {
	var should []object
	for _, name := range c.schema.Default {
		if clause, m := c.match(n, name, c.schema.Fields[name]); m == nil {
			should = append(should, clause)
		}
	}
	switch len(should) {
	case 0:
		c.add(wrong(n.At, "no field that a bare word is looked for in can hold %q: write field:value", n.Text))
		return nil
	case 1:
		return should[0]
	}
	return boolean(object{"should": should, "minimum_should_match": 1})
}

// match is one value in one field of the schema.
func (c *compiler) match(n Term, name string, f Field) (object, *Mistake) {
	clause, m := c.matchFlat(n, name, f)
	return inNested(f, clause), m
}

func (c *compiler) matchFlat(n Term, name string, f Field) (object, *Mistake) {
	switch {
	case f.Unsearchable:
		return nil, wrong(-1, "%s is not indexed, so it cannot be searched", name)
	case n.Wild != "":
		return wild(n, name, f.Type)
	case f.Type == "date":
		m, err := readMoment(n.Text, c.now)
		if err != nil {
			return nil, err
		}
		return dates(name, &m.start, &m.end), nil
	}
	value, err := literal(name, f.Type, n.Text)
	if err != nil {
		return nil, err
	}
	if zero(f.Type, n.Text) {
		return object{"range": object{name: object{"gte": zeros["gte"], "lte": zeros["lte"]}}}, nil
	}
	if f.Type == "text" {
		return object{"match_phrase": object{name: value}}, nil
	}
	return object{"term": object{name: object{"value": value}}}, nil
}

func wild(n Term, name, kind string) (object, *Mistake) {
	if !slices.Contains(stringTypes, kind) && kind != "text" {
		return nil, wrong(-1, "%s (%s) takes no wildcard; %s:[from TO to] is a range", name, kind, name)
	}
	query, value := "prefix", n.Text
	if n.Wild != "*" {
		query, value = "wildcard", strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(n.Text)+n.Wild
	}
	clause := object{"value": value}
	if kind == "text" { // its words are stored in lower case, and case_insensitive knows only ASCII
		clause["value"], clause["case_insensitive"] = strings.ToLower(value), true
	}
	return object{query: object{name: clause}}, nil
}
