package query

import (
	"strings"
	"unicode"
)

// value reads what stands after field: or by itself.
func (p *parser) value(field Name) (Node, *Mistake) {
	start := p.at
	if p.clauses++; p.clauses > maxClauses {
		return nil, wrong(start, "more than %d clauses", maxClauses)
	}
	switch {
	case p.done() || p.peek(0) == ')' || field.Text != "" && p.operator("AND", "OR", "NOT"):
		return nil, wrong(start, "a value is missing after %s:", field.Text)
	case p.peek(0) == '(':
		return p.group(field)
	case p.peek(0) == '"':
		return p.phrase(field)
	case p.peek(0) == '[' || p.peek(0) == '{':
		return p.interval(field)
	case p.peek(0) == '<' || p.peek(0) == '>':
		return p.comparison(field)
	}
	stops := ")"
	if field.Text == "" {
		stops = "):"
	}
	w, err := p.until(stops)
	if err != nil {
		return nil, err
	}
	return w.term(field)
}

func (p *parser) phrase(field Name) (Node, *Mistake) {
	start := p.at
	text, err := p.quoted()
	if err != nil {
		return nil, err
	}
	switch r := p.peek(0); {
	case r == '~' || r == '^':
		return nil, wrong(p.at, "%q after a phrase (slop, boost) is not supported: leave it out", r)
	case r != 0 && r != ')' && !unicode.IsSpace(r):
		return nil, wrong(p.at, "a space is missing after the closing quote; inside quotes write \\\" for a quote")
	case field.Text == "" && text == "":
		return nil, wrong(start, "an empty phrase finds nothing: leave it out")
	}
	return Term{Field: field, Text: text, At: start}, nil
}

// term reads a word's marks: wildcards at its end, and what other engines give a meaning.
func (w word) term(field Name) (Node, *Mistake) {
	n := len(w.runes)
	if n > 1 && w.mark(0, "/") && w.mark(n-1, "/") {
		return nil, wrong(w.at, "regular expressions are not supported: put the value in double quotes, or escape it as \\/, to look for the slashes")
	}
	digits := n
	for digits > 0 && strings.ContainsRune("0123456789.", w.runes[digits-1]) {
		digits--
	}
	if digits > 1 && (w.mark(digits-1, "~") || digits < n && w.mark(digits-1, "^")) {
		return nil, wrong(w.at+digits-1, "%q (fuzzy match, boost) is not supported: put the value in double quotes to look for it", w.runes[digits-1])
	}
	end := n
	for w.mark(end-1, "*?") {
		end--
	}
	for i := range end {
		if w.mark(i, "*?") {
			return nil, wrong(w.at, "%q may only stand at the end of a word: escape it as \\%c, or put the value in double quotes, to look for it", w.runes[i], w.runes[i])
		}
	}
	wild := string(w.runes[end:])
	switch {
	case wild == "*" && end == 0 && field.Text == "":
		return All{}, nil
	case wild == "*" && end == 0:
		return Exists{field}, nil
	case wild != "" && end == 0:
		return nil, wrong(w.at, "a word cannot begin with a wildcard: put a letter before it")
	}
	return Term{Field: field, Text: string(w.runes[:end]), Wild: wild, At: w.at}, nil
}

// comparison reads >, >=, < or <= and its value.
func (p *parser) comparison(field Name) (Node, *Mistake) {
	start, lower := p.at, p.peek(0) == '>'
	if field.Text == "" {
		return nil, wrong(start, "%q needs a field before it, as in size:>10; escape it as \\%c to look for it", p.peek(0), p.peek(0))
	}
	p.at++
	bound := Bound{Inclusive: p.take("=")}
	p.space()
	if err := p.bound(&bound, ")"); err != nil {
		return nil, err
	}
	if lower {
		return Range{Field: field, Lo: &bound}, nil
	}
	return Range{Field: field, Hi: &bound}, nil
}

// interval reads [a TO b], {a TO b} and their mixtures.
func (p *parser) interval(field Name) (Node, *Mistake) {
	start := p.at
	if field.Text == "" {
		return nil, wrong(start, "%q needs a field before it, as in size:[1 TO 5]; escape it as \\%c to look for it", p.peek(0), p.peek(0))
	}
	lo, hi := &Bound{Inclusive: p.peek(0) == '['}, &Bound{}
	p.at++
	if err := p.bound(lo, "]}"); err != nil {
		return nil, err
	}
	if p.space(); !p.operator("TO") {
		return nil, wrong(p.at, "TO is missing: a range is [from TO to], with upper-case TO; a + in a URL arrives as a space unless written %%2B")
	}
	if err := p.bound(hi, "]}"); err != nil {
		return nil, err
	}
	p.space()
	if hi.Inclusive = p.take("]"); !hi.Inclusive && !p.take("}") {
		return nil, wrong(start, "unterminated: a range ends in ] (inclusive) or } (exclusive)")
	}
	n := Range{Field: field, Lo: lo.unlessOpen(), Hi: hi.unlessOpen()}
	if n.Lo == nil && n.Hi == nil {
		return Exists{field}, nil
	}
	return n, nil
}

// open marks a bound written as a bare *.
const open = "\x00*"

func (b *Bound) unlessOpen() *Bound {
	if b.Text == open {
		return nil
	}
	return b
}

func (p *parser) bound(b *Bound, stops string) *Mistake {
	p.space()
	b.At = p.at
	if p.peek(0) == '"' {
		var err *Mistake
		b.Text, err = p.quoted()
		return err
	}
	w, err := p.until(stops)
	switch {
	case err != nil:
		return err
	case len(w.runes) == 0:
		return wrong(b.At, "a bound is missing: a value, or * for an open end")
	case len(w.runes) == 1 && w.mark(0, "*") && stops != ")":
		b.Text = open
		return nil
	}
	for i := range w.runes {
		if w.mark(i, "*?") {
			return wrong(b.At, "a bound holds no wildcards: * by itself, in [from TO to], is an open end")
		}
	}
	b.Text = w.String()
	return nil
}
