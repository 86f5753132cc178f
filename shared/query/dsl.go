package query

import "time"

// object is a JSON object of the DSL. encoding/json writes its keys in order, so that
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
		f, ok := c.field(n.Field)
		if !ok {
			return nil
		}
		return inNested(f, existence(n.Field.Text, f))
	case Term:
		return c.term(n)
	case Range:
		f, _ := c.schema.field(n.Field.Text)
		return inNested(f, c.between(n))
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
