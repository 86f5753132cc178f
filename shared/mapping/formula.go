package mapping

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// expression gives a value of a document: maps, lists, text, true and false, nil, whole
// numbers as int, every other number as the text of its literal.
type expression func(doc any) (any, error)

// formula is the expressions of a rule set, and what puts their values into a document.
type formula struct {
	paths  []string
	terms  []expression
	placer *Mapper
}

func newFormula(rules map[string]string) *formula {
	if len(rules) == 0 {
		return nil
	}
	f := &formula{paths: sorted(rules)}
	places := Rules{Drop: f.paths, Default: map[string]json.RawMessage{}}
	for _, path := range f.paths {
		term, _ := compileExpression(rules[path]) // check has said it
		f.terms = append(f.terms, term)
		places.Default[path] = json.RawMessage("null")
	}
	f.placer = newBuilder(places, "").build()
	return f
}

// apply gives the fields their values. For a key alone, what comes to nothing is left out.
func (f *formula) apply(document []byte, keyOnly bool) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return nil, err
	}
	doc = plainNumbers(doc)
	values := make([][]byte, len(f.terms))
	for i, term := range f.terms {
		result, err := term(doc)
		if err == nil && result != nil {
			values[i], err = encoded(result)
		}
		if err != nil && !keyOnly {
			return nil, &Misfit{f.paths[i], "made of this document", "expr"}
		}
	}
	return f.placer.rewrite(document, keyOnly, values)
}

// plainNumbers makes an int of each number that is one, text of every other.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		return v.String()
	case map[string]any:
		for name, inner := range v {
			v[name] = plainNumbers(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = plainNumbers(inner)
		}
	}
	return v
}

func (c *checker) expressions() {
	for _, path := range sorted(c.Expr) {
		if _, err := compileExpression(c.Expr[path]); err != nil {
			c.say("expr."+path, "%v", err)
		}
		for other := range c.Expr {
			if len(other) > len(path) && other[:len(path)+1] == path+"." {
				c.say("expr."+other, "%s has an expression too: keep one", path)
			}
		}
	}
}
