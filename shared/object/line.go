package object

import (
	"bytes"
	"fmt"
)

// lines cuts at newlines; blank lines are passed over. Headings are the line formats' own.
type lines struct{ *Cutter }

func (l lines) piece() (Piece, error) {
	for {
		p, more, err := l.line()
		if !more {
			return p, err
		}
		if p.Text = bytes.TrimSpace(p.Text); len(p.Text) == 0 {
			continue
		}
		return p, nil
	}
}

// line is the next line, or what is left at the end.
func (l lines) line() (p Piece, more bool, err error) {
	p.Offset = l.at
	for seen := 0; ; {
		text := l.rest()
		if i := bytes.IndexByte(text[seen:], '\n'); i >= 0 {
			p.Text = text[:seen+i]
			l.drop(seen + i + 1)
			break
		}
		if seen = len(text); l.full() {
			p, err = l.giant(p)
			return p, false, err
		}
		if l.fill() {
			continue
		}
		if err := l.ended(); err != nil || len(l.rest()) == 0 {
			return p, false, orEnd(err)
		}
		p.Text = l.rest()
		l.drop(len(p.Text))
		break
	}
	if p.End = l.at; len(p.Text) > l.limit {
		p.Flaw, p.Text = tooLarge(p, l.limit), nil
		return p, false, nil
	}
	return p, true, nil
}

// giant passes over a line that is too large to be a document.
func (l lines) giant(p Piece) (Piece, error) {
	err := l.passLine()
	p.End = l.at
	p.Flaw = tooLarge(p, l.limit)
	return p, err
}

// passLine goes on behind the next newline.
func (w *window) passLine() error {
	for {
		text := w.rest()
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			w.drop(i + 1)
			return nil
		}
		w.drop(len(text))
		if !w.fill() {
			return w.ended()
		}
	}
}

func tooLarge(p Piece, limit int) *Flaw {
	return &Flaw{"too_large", fmt.Sprintf("%d bytes at byte %d of the object: a document has at most %d (BULK_MAX_BYTES)", p.End-p.Offset, p.Offset, limit)}
}
