package query

import (
	"slices"
	"strings"
	"time"
)

// object is a JSON object of the DSL; encoding/json writes its keys in order, so that
// equal requests are equal bytes.
type object = map[string]any

// compiler writes a tree as DSL and collects what does not fit the schema.
type compiler struct {
	schema   Schema
	now      time.Time
	scoring  bool // must instead of filter: relevance is asked for
	mistakes []*Mistake
}

func (c *compiler) node(n Node) object {
	switch n := n.(type) {
	case And:
		return c.and(n)
	case Or:
		should := make([]object, len(n))
		for i, one := range n {
			should[i] = c.node(one)
		}
		return boolean(object{"should": should, "minimum_should_match": 1})
	case Not:
		return boolean(object{"must_not": []object{c.node(n.Node)}})
	case Exists:
		if _, ok := c.field(n.Field); !ok {
			return nil
		}
		return object{"exists": object{"field": n.Field.Text}}
	case Term:
		return c.term(n)
	case Range:
		return c.between(n)
	}
	return object{"match_all": object{}}
}

func (c *compiler) and(nodes And) object {
	clauses := object{}
	add := func(key string, n Node) {
		list, _ := clauses[key].([]object)
		clauses[key] = append(list, c.node(n))
	}
	for _, n := range nodes {
		if not, ok := n.(Not); ok {
			add("must_not", not.Node)
		} else if c.scoring {
			add("must", n)
		} else {
			add("filter", n)
		}
	}
	return boolean(clauses)
}

func boolean(clauses object) object { return object{"bool": clauses} }

// field checks that name may be used and notes the mistake if not.
func (c *compiler) field(name Name) (Field, bool) {
	f, ok := c.schema.field(name.Text)
	if !ok {
		c.add(wrong(name.At, "%s", c.schema.unknownInText(name.Text)))
	}
	return f, ok
}

func (c *compiler) add(m *Mistake) { c.mistakes = append(c.mistakes, m) }

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
	if f.Type == "text" {
		return object{"match_phrase": object{name: value}}, nil
	}
	return object{"term": object{name: object{"value": value}}}, nil
}

func wild(n Term, name, kind string) (object, *Mistake) {
	if !slices.Contains(strings_, kind) && kind != "text" {
		return nil, wrong(-1, "%s (%s) takes no wildcard; %s:[from TO to] is a range", name, kind, name)
	}
	query, value := "prefix", n.Text
	if n.Wild != "*" {
		query, value = "wildcard", strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(n.Text)+n.Wild
	}
	clause := object{"value": value}
	if kind == "text" { // its words are stored in lower case
		clause["case_insensitive"] = true
	}
	return object{query: object{name: clause}}, nil
}

func (c *compiler) between(n Range) object {
	f, ok := c.field(n.Field)
	if !ok {
		return nil
	}
	switch {
	case f.Unsearchable:
		c.add(wrong(n.Field.At, "%s is not indexed, so it cannot be searched", n.Field.Text))
		return nil
	case f.Type == "text" || f.Type == "boolean":
		c.add(wrong(n.Field.At, "%s (%s) has no order: ranges are for numbers, dates, addresses and keywords", n.Field.Text, f.Type))
		return nil
	case f.Type == "date":
		return c.betweenDates(n)
	}
	bounds := object{}
	for _, b := range []struct {
		*Bound
		inclusive, exclusive string
	}{{n.Lo, "gte", "gt"}, {n.Hi, "lte", "lt"}} {
		if b.Bound == nil {
			continue
		}
		value, m := rangeLiteral(n.Field.Text, f, b.Text)
		if m != nil {
			m.Position = b.At
			c.add(m)
		}
		if b.Inclusive {
			bounds[b.inclusive] = value
		} else {
			bounds[b.exclusive] = value
		}
	}
	return object{"range": object{n.Field.Text: bounds}}
}

func rangeLiteral(name string, f Field, text string) (any, *Mistake) {
	if f.Type == "ip" && strings.Contains(text, "/") {
		return nil, wrong(-1, "a bound of %s (ip) is one address; %s:%s finds the block", name, name, text)
	}
	return literal(name, f.Type, text)
}

// betweenDates makes every range half-open: a bound stands for all of its day (minute,
// ...), so that an inclusive end takes the whole of it in.
func (c *compiler) betweenDates(n Range) object {
	read := func(b *Bound, inclusive, exclusive func(moment) time.Time) *time.Time {
		if b == nil {
			return nil
		}
		m, err := readMoment(b.Text, c.now)
		if err != nil {
			err.Position = b.At
			c.add(err)
		}
		t := exclusive(m)
		if b.Inclusive {
			t = inclusive(m)
		}
		return &t
	}
	start := func(m moment) time.Time { return m.start }
	end := func(m moment) time.Time { return m.end }
	return dates(n.Field.Text, read(n.Lo, start, end), read(n.Hi, end, start))
}

func dates(field string, from, to *time.Time) object {
	bounds := object{"format": "strict_date_optional_time"}
	if from != nil {
		bounds["gte"] = from.Format(wire)
	}
	if to != nil {
		bounds["lt"] = to.Format(wire)
	}
	return object{"range": object{field: bounds}}
}
