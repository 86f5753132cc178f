package mapping

import (
	"sync"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Mapper is one compiled rule set; safe for concurrent use.
type Mapper struct {
	names   *name
	fields  *field
	style   style // nil: names stay
	presets []preset
	slots   int
	formula *formula // nil: none
	passes  sync.Pool
}

// preset is a default.
type preset struct {
	at    *field
	value []byte
}

// Apply gives the document with the rules applied. The error is a *Misfit, or tells
// that the document is no JSON object.
func (m *Mapper) Apply(document []byte) ([]byte, error) { return m.run(document, false) }

// Key is Apply for a document of which nothing is wanted but its key: a value that a rule
// cannot convert is null, or left out.
func (m *Mapper) Key(document []byte) ([]byte, error) { return m.run(document, true) }

func (m *Mapper) run(document []byte, keyOnly bool) ([]byte, error) {
	out, err := m.rewrite(document, keyOnly, nil)
	if err != nil || m.formula == nil {
		return out, err
	}
	return m.formula.apply(out, keyOnly)
}

// rewrite makes the one pass; values, where there are some, stand in for the presets'.
func (m *Mapper) rewrite(document []byte, keyOnly bool, values [][]byte) ([]byte, error) {
	p := m.passes.Get().(*pass)
	defer m.passes.Put(p)
	p.reset()
	p.keyOnly = keyOnly
	r := p.reader()
	r.Lenient(document)
	dst, err := p.object(make([]byte, 0, len(document)+len(document)/4+64), r, place{in: m.names, out: m.fields})
	if err == nil {
		err = r.End()
	}
	if err != nil {
		return nil, err
	}
	return p.finish(dst, values)
}

func (m *Mapper) newPass() any {
	return &pass{Mapper: m, ends: make([]int, m.slots), seen: make([]bool, len(m.presets)), readers: []*raw.Reader{{}}}
}

func (p *pass) reset() {
	p.depth = 0
	p.names, p.side, p.placed, p.marks = p.names[:0], p.side[:0], p.placed[:0], p.marks[:0]
	clear(p.ends)
	clear(p.seen)
}
