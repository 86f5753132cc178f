package object

import (
	"bytes"
	"io"
)

// values cuts JSON that is not one object a line: objects one after the other, the
// elements of arrays and, with records, those of {"Records": [...]}. What stands between
// values is passed over, so that no value depends on one before it; a broken one is
// handed out as it is.
type values struct {
	*Cutter
	records bool
}

func (v *values) piece() (Piece, error) {
	if err := v.between(); err != nil {
		return Piece{}, err
	}
	var s bracket
	p, giant := Piece{Offset: v.at}, false
	for {
		if end, ok := s.end(v.rest()); ok {
			p.Text = v.rest()[:end]
			v.drop(end)
			break
		}
		if giant = giant || v.full(); giant {
			v.drop(s.seen)
			s.seen = 0
		}
		if v.fill() {
			continue
		}
		if err := v.ended(); err != nil {
			return p, err
		}
		p.Text = v.rest() // its end is missing
		v.drop(len(p.Text))
		break
	}
	if p.End = v.at; giant || len(p.Text) > v.limit {
		p.Text, p.Flaw = nil, tooLarge(p, v.limit)
	}
	return p, nil
}

// between passes over what separates values; io.EOF at the end.
func (v *values) between() error {
	for {
		text := v.see(1)
		if len(text) == 0 {
			return orEnd(v.ended())
		}
		n := len(text) - len(bytes.TrimLeft(text, ",["+space))
		if n == 0 && text[0] == ']' {
			if n = 1; v.records {
				v.drop(1)
				if err := v.leave(); err != nil {
					return err
				}
				continue
			}
		}
		if n == 0 && v.records {
			n = recordsStart(clip(v.see(maxStart), maxStart))
		}
		if n == 0 {
			return nil
		}
		v.drop(n)
	}
}

// leave passes over the rest of an object whose records have ended.
func (v *values) leave() error {
	s := bracket{depth: 1}
	for {
		if end, ok := s.end(v.rest()); ok {
			v.drop(end)
			return nil
		}
		v.drop(s.seen)
		if s.seen = 0; !v.fill() {
			return v.ended()
		}
	}
}

// maxStart bounds the white space in {"Records": [
const maxStart = 64

// recordsStart is the length of {"Records": [ at the beginning of text, else 0.
func recordsStart(text []byte) int {
	text = clip(text, maxStart)
	rest := text
	for _, part := range [...]string{"{", `"Records"`, ":", "["} {
		var ok bool
		if rest, ok = bytes.CutPrefix(bytes.TrimLeft(rest, space), []byte(part)); !ok {
			return 0
		}
	}
	return len(text) - len(rest)
}

func orEnd(err error) error {
	if err == nil {
		return io.EOF
	}
	return err
}

// bracket looks for the end of a JSON value, in a text that may grow meanwhile.
type bracket struct {
	depth    int
	inString bool
	escaped  bool
	scalar   bool
	seen     int // bytes of the text
}

// end is the length of the value, if its end is seen yet.
func (b *bracket) end(text []byte) (n int, ok bool) {
	for ; b.seen < len(text); b.seen++ {
		c := text[b.seen]
		switch {
		case b.escaped:
			b.escaped = false
			continue
		case b.inString:
			b.escaped, b.inString = c == '\\', c != '"'
			if b.inString || b.depth > 0 {
				continue
			}
			return b.seen + 1, true
		case c == '"' && !b.scalar:
			b.inString = true
		case c == '{' || c == '[':
			b.depth++
		case c == '}' || c == ']':
			if b.depth--; b.depth == 0 {
				return b.seen + 1, true
			}
		}
		if b.depth <= 0 && !b.inString {
			if b.scalar && bytes.IndexByte([]byte(",]}"+space), c) >= 0 {
				return b.seen, true
			}
			b.scalar = true
		}
	}
	return 0, false
}
