package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads the text of q. It knows the grammar, not the fields:
//
//	or     = and { "OR" and }
//	and    = not { ["AND"] not }           side by side means AND
//	not    = ( "NOT" | "!" | "-" ) not | clause
//	clause = "(" or ")" | [ field ":" ] value
//	value  = word | quoted | range | comparison | "(" or ")"
//
// An empty text matches everything.
func Parse(text string) (Node, error) {
	node, err := parse(text)
	if err != nil {
		return nil, Mistakes{err.in("q")}
	}
	return node, nil
}

func parse(text string) (Node, *Mistake) {
	if !utf8.ValidString(text) {
		return nil, wrong(-1, "is not UTF-8")
	}
	p := parser{scanner: scanner{text: []rune(text)}}
	if len(p.text) > maxText {
		return nil, wrong(maxText, "is longer than %d characters", maxText)
	}
	for i, r := range p.text {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return nil, wrong(i, "control character %U: leave it out", r)
		}
	}
	if p.space(); p.done() {
		return All{}, nil
	}
	node, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.done() {
		return nil, wrong(p.at, "a closing %c without an opening one: escape it as \\%c to look for it", p.peek(0), p.peek(0))
	}
	return node, nil
}

type parser struct {
	scanner
	field   Name // of the group we are in: field:(a OR b)
	depth   int
	clauses int
}

func (p *parser) or() (Node, *Mistake) {
	first, err := p.and()
	if err != nil {
		return nil, err
	}
	nodes := Or{first}
	for p.space(); p.operator("OR", "||"); p.space() {
		next, err := p.and()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, next)
	}
	if len(nodes) == 1 {
		return first, nil
	}
	return nodes, nil
}

func (p *parser) and() (Node, *Mistake) {
	first, err := p.not()
	if err != nil {
		return nil, err
	}
	nodes := And{first}
	for p.more() {
		next, err := p.not()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, next)
	}
	if len(nodes) == 1 {
		return first, nil
	}
	return nodes, nil
}

// more says whether another clause of the same AND follows.
func (p *parser) more() bool {
	p.space()
	if p.done() || p.peek(0) == ')' {
		return false
	}
	start := p.at
	if p.operator("OR", "||") {
		p.at = start
		return false
	}
	p.operator("AND", "&&")
	return true
}

func (p *parser) not() (Node, *Mistake) {
	p.space()
	start := p.at
	if p.field.Text != "" && p.peek(0) == '-' && unicode.IsDigit(p.peek(1)) {
		return nil, wrong(start, "this can be a negative number or NOT: put the number in double quotes, or write NOT")
	}
	if !p.operator("NOT") && !p.prefix('!') && !p.prefix('-') {
		return p.clause()
	}
	if p.depth++; p.depth > maxDepth {
		return nil, wrong(start, "nested deeper than %d", maxDepth)
	}
	node, err := p.not()
	p.depth--
	return Not{node}, err
}

// prefix consumes r where it stands directly before a clause.
func (p *parser) prefix(r rune) bool {
	if next := p.peek(1); p.peek(0) != r || next == 0 || next == ')' || unicode.IsSpace(next) {
		return false
	}
	p.at++
	return true
}

func (p *parser) clause() (Node, *Mistake) {
	start := p.at
	switch {
	case p.done() || p.peek(0) == ')':
		return nil, wrong(p.at, "a word or field:value is missing here")
	case p.operator("AND", "&&", "OR", "||"):
		return nil, wrong(start, "%s needs a clause before it; put it in double quotes to look for the word", string(p.text[start:p.at]))
	case p.peek(0) == '(':
		return p.group(p.field)
	case strings.ContainsRune(`"[{<>`, p.peek(0)):
		return p.value(p.field)
	case p.peek(0) == '+' && !unicode.IsSpace(p.peek(1)):
		return nil, wrong(p.at, "+ is not needed: clauses side by side must all match; escape it as \\+ to look for it")
	}
	name, err := p.until("):")
	if err != nil {
		return nil, err
	}
	if p.peek(0) != ':' {
		p.at = start
		return p.value(p.field)
	}
	return p.named(name)
}

func (p *parser) named(name word) (Node, *Mistake) {
	if len(name.runes) == 0 {
		return nil, wrong(p.at, `a field's name is missing before the colon; escape it as \: to look for it`)
	}
	if p.field.Text != "" {
		return nil, wrong(name.at, "a field inside the group of %s: close the group first", p.field.Text)
	}
	p.at++
	p.space()
	if name.String() == "*" && name.mark(0, "*") && p.operator("*") {
		return All{}, nil
	}
	return p.value(Name{name.String(), name.at})
}

func (p *parser) group(field Name) (Node, *Mistake) {
	start := p.at
	if p.depth++; p.depth > maxDepth {
		return nil, wrong(start, "nested deeper than %d", maxDepth)
	}
	outer := p.field
	p.field = field
	p.at++
	node, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.take(")") {
		return nil, wrong(start, "unterminated: no closing ) for this one")
	}
	p.depth--
	p.field = outer
	return node, nil
}
