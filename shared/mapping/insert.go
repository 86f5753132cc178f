package mapping

import "slices"

// placement is a value on its way to another place.
type placement struct {
	to         *field
	start, end int // in side
}

// finish puts into the document what belongs elsewhere than it was found, and the
// defaults of what was not found.
func (p *pass) finish(dst []byte, values [][]byte) ([]byte, error) {
	for _, one := range p.placed {
		var fits bool
		if dst, fits = p.insert(dst, one.to, p.side[one.start:one.end]); !fits && !p.keyOnly {
			return dst, &Misfit{one.to.path, "inside of what is no object", "rename, copy or split"}
		}
	}
	for i, preset := range p.presets {
		value := preset.value
		if values != nil {
			value = values[i]
		}
		if !p.seen[i] && value != nil {
			dst, _ = p.insert(dst, preset.at, value)
		}
	}
	return dst, nil
}

// insert writes value as the last member of its parent, which is made if need be. It does
// not fit where something else is in the parent's place.
func (p *pass) insert(dst []byte, to *field, value []byte) ([]byte, bool) {
	missing := []*field{to}
	parent := to.parent
	for ; p.ends[parent.slot] == 0; parent = parent.parent {
		missing = append(missing, parent)
	}
	end := p.ends[parent.slot]
	if end < 0 {
		return dst, false
	}
	slices.Reverse(missing)
	text := p.names[:0]
	if dst[end-1] != '{' {
		text = append(text, ',')
	}
	for i, f := range missing {
		if i > 0 {
			text = append(text, '{')
		}
		text = append(append(text, f.quoted...), ':')
	}
	text = append(text, value...)
	made := missing[:len(missing)-1]
	for range made {
		text = append(text, '}')
	}
	p.names = text
	dst = slices.Insert(dst, end, text...)
	for slot, e := range p.ends {
		if e >= end {
			p.ends[slot] += len(text)
		}
	}
	for i, f := range made {
		p.ends[f.slot] = end + len(text) - 1 - i
	}
	return dst, true
}
