package mapping

import (
	"bytes"
	"slices"

	"github.com/sluice-dev/sluice/shared/raw"
)

// pass is one document under way.
type pass struct {
	*Mapper
	keyOnly bool          // what does not fit stops nothing
	readers []*raw.Reader // one for each value that is being read again
	depth   int
	names   []byte // names joined while flattening
	cased   []byte
	turns   [2][]byte // a value between two steps

	side   []byte // values that go elsewhere
	placed []placement
	ends   []int  // by slot: where its object ends, 0 unseen, -1 something else is there
	seen   []bool // by preset
	marks  []int  // presets seen in objects within lists
}

// place is where in the document the pass is.
type place struct {
	in       *name  // nil: no rule speaks of names from here on
	out      *field // nil: nor of values
	verbatim bool
	loose    bool // within a list or a value that goes elsewhere: nothing is placed into it
	flat     bool
	join     string
	base     int // in names: where those of this object begin,
	prefix   int // and where the part ends that precedes each of them
}

// reach says whether any rule applies inside the place's value.
func (p *pass) reach(at place) bool {
	return at.in != nil && at.in.inner != nil || at.out != nil && at.out.inner != nil || p.style != nil && !at.verbatim
}

func (p *pass) object(dst []byte, r *raw.Reader, at place) ([]byte, error) {
	mark, base := len(p.marks), len(p.names)
	at.base, at.prefix = base, base
	dst, err := p.members(append(dst, '{'), r, at)
	if err != nil {
		return dst, err
	}
	if at.out != nil && at.loose {
		for _, i := range at.out.fills {
			if !slices.Contains(p.marks[mark:], i) {
				dst = append(append(comma(dst), p.presets[i].at.quoted...), ':')
				dst = append(dst, p.presets[i].value...)
			}
		}
	}
	p.marks, p.names = p.marks[:mark], p.names[:base]
	if at.out != nil && at.out.slot >= 0 && !at.loose {
		p.ends[at.out.slot] = len(dst)
	}
	return append(dst, '}'), nil
}

func (p *pass) members(dst []byte, r *raw.Reader, at place) ([]byte, error) {
	err := r.Object(func(text []byte) (err error) {
		dst, err = p.member(dst, r, at, text)
		return err
	})
	return dst, err
}

func (p *pass) member(dst []byte, r *raw.Reader, at place, text []byte) ([]byte, error) {
	in := at.in.find(text)
	inner := place{in: in, verbatim: at.verbatim, loose: at.loose}
	if in != nil {
		switch {
		case in.drop:
			return dst, r.Skip()
		case in.to != nil:
			inner.out = in.to
			return p.put(dst, r, at, inner, nil)
		case in.flat && r.Kind() == raw.Object:
			return p.spread(dst, r, at, in, text)
		}
		inner.verbatim = inner.verbatim || in.verbatim
	}
	if outer, n := at.leads(text); n > 0 {
		return p.member(dst, r, p.within(at, outer, text[:n]), text[n+1:])
	}
	if at.flat && r.Kind() == raw.Object {
		return p.spread(dst, r, at, in, text)
	}
	text = p.rewritten(at, text)
	inner.out = at.out.find(text)
	if inner.out == nil {
		if kind := r.Kind(); kind != raw.Object && kind != raw.Array || !p.reach(inner) {
			value, err := r.Value()
			return append(key(dst, text), value...), err
		}
		return p.value(key(dst, text), r, inner)
	}
	return p.put(dst, r, at, inner, text)
}

// longestDotted bounds the work on a name that is nothing but dots: no rule is as long.
const longestDotted = 1 << 10

// leads is the name of n bytes within text that is flattened: {"a.b":1} as {"a":{"b":1}} is.
func (at place) leads(text []byte) (outer *name, n int) {
	if len(text) > longestDotted || bytes.IndexByte(text, '.') < 0 {
		return nil, 0
	}
	for i, b := range text {
		if b != '.' || i == 0 {
			continue
		}
		if outer = at.in.find(text[:i]); at.flat || outer != nil && outer.flat {
			return outer, i
		}
	}
	return nil, 0
}

// rewritten is a name in the style of the rules, behind those it is flattened from.
func (p *pass) rewritten(at place, text []byte) []byte {
	if p.style != nil && !at.verbatim {
		p.cased = p.style(p.cased[:0], text)
		text = p.cased
	}
	if at.prefix == at.base {
		return text
	}
	p.names = append(p.names[:at.prefix], text...)
	return p.names[at.base:]
}

// spread writes an object's members in its own place.
func (p *pass) spread(dst []byte, r *raw.Reader, at place, in *name, text []byte) ([]byte, error) {
	return p.members(dst, r, p.within(at, in, text))
}

// within is the place of the members that are written beside the object text.
func (p *pass) within(at place, in *name, text []byte) place {
	inner := at
	inner.in = in
	switch join := at.join; {
	case in != nil && in.flat && in.join == "":
		inner.flat = false
	default:
		if in != nil && in.flat {
			join = in.join
		}
		inner.flat, inner.join = true, join
		text = p.rewritten(at, text)
		p.names = append(append(p.names[:at.base], text...), join...)
		inner.prefix = len(p.names)
	}
	inner.verbatim = at.verbatim || in != nil && in.verbatim
	return inner
}

func (p *pass) value(dst []byte, r *raw.Reader, at place) ([]byte, error) {
	switch kind := r.Kind(); {
	case kind == raw.Object && at.out.converts() && p.keyOnly:
		return append(dst, "null"...), r.Skip()
	case kind == raw.Object && at.out.converts():
		return dst, &Misfit{at.out.path, "an object", at.out.rule()}
	case kind == raw.Object && p.reach(at):
		return p.object(dst, r, at)
	case kind == raw.Array && (at.out.converts() || p.reach(at)):
		at.loose = true
		dst = append(dst, '[')
		err := r.Array(func() (err error) {
			dst, err = p.value(comma(dst), r, at)
			return err
		})
		return append(dst, ']'), err
	}
	value, err := r.Value()
	if err != nil || !at.out.converts() {
		return append(dst, value...), err
	}
	return p.convert(dst, value, at.out)
}

func (p *pass) reader() *raw.Reader {
	if p.depth == len(p.readers) {
		p.readers = append(p.readers, &raw.Reader{})
	}
	p.depth++
	return p.readers[p.depth-1]
}

func (p *pass) release() { p.depth-- }
