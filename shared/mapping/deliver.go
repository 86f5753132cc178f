package mapping

import "github.com/sluice-dev/sluice/shared/raw"

// put writes the next value as the field inner.out, and what else is made of it.
func (p *pass) put(dst []byte, r *raw.Reader, at, inner place, text []byte) ([]byte, error) {
	out := inner.out
	scatters := out.split != nil && out.split.into != nil
	if out.copies == nil && !scatters {
		return p.deliver(dst, r, at, inner, text)
	}
	value, err := r.Value()
	if err != nil {
		return dst, err
	}
	again := p.reader()
	defer p.release()
	again.Lenient(value)
	if scatters {
		dst, err = p.scatter(dst, value, at, out)
	} else {
		dst, err = p.deliver(dst, again, at, inner, text)
	}
	for _, to := range out.copies {
		if err == nil {
			again.Lenient(value)
			inner.out = to
			dst, err = p.deliver(dst, again, at, inner, nil)
		}
	}
	return dst, err
}

// deliver writes the next value under the name text; without one, under the field's own:
// here, if that is where the field belongs, else once the rest of the document is known.
func (p *pass) deliver(dst []byte, r *raw.Reader, at, inner place, text []byte) ([]byte, error) {
	out := inner.out
	here := text != nil || at.out == out.parent
	if !here && at.loose {
		if p.keyOnly {
			return dst, r.Skip()
		}
		return dst, &Misfit{out.path, "in a list or inside of a moved object", "rename, copy or split to another place"}
	}
	if out.preset >= 0 {
		if r.Kind() == raw.Null {
			return dst, r.Skip()
		}
		p.saw(out.preset, at.loose)
	}
	if here && out.slot >= 0 && !at.loose && r.Kind() != raw.Object {
		p.ends[out.slot] = -1
	}
	switch {
	case text != nil:
		return p.value(key(dst, text), r, inner)
	case here:
		return p.value(append(append(comma(dst), out.quoted...), ':'), r, inner)
	}
	start := len(p.side)
	inner.loose = true
	side, err := p.value(p.side, r, inner)
	p.side = side
	p.placed = append(p.placed, placement{out, start, len(side)})
	return dst, err
}

func (p *pass) saw(preset int, loose bool) {
	if loose {
		p.marks = append(p.marks, preset)
	} else {
		p.seen[preset] = true
	}
}
