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
