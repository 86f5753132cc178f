package query

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
