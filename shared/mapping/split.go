package mapping

import (
	"bytes"
	"iter"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-dev/sluice/shared/raw"
)

type splitter struct {
	by   []byte // empty: white space
	into []*field
}

// parts are the text's parts, trimmed, without the empty ones.
func (s *splitter) parts(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for part, rest := s.next(text); part != nil; part, rest = s.next(rest) {
			if !yield(part) {
				return
			}
		}
	}
}

// next cuts off the first part; nil if there is none.
func (s *splitter) next(text []byte) (part, rest []byte) {
	for len(text) > 0 {
		part, rest = text, nil
		if i, n := s.cut(text); i >= 0 {
			part, rest = text[:i], text[i+n:]
		}
		if part = bytes.TrimSpace(part); len(part) > 0 {
			return part, rest
		}
		text = rest
	}
	return nil, nil
}

func (s *splitter) cut(text []byte) (at, length int) {
	if len(s.by) == 0 {
		if at = bytes.IndexFunc(text, unicode.IsSpace); at >= 0 {
			_, length = utf8.DecodeRune(text[at:])
		}
		return at, length
	}
	return bytes.Index(text, s.by), len(s.by)
}

// scatter gives the parts of text to the fields that get them.
func (p *pass) scatter(dst, value []byte, at place, out *field) ([]byte, error) {
	if value[0] == 'n' || value[0] != '"' && p.keyOnly {
		return dst, nil
	}
	if value[0] != '"' {
		return dst, &Misfit{out.path, raw.Describe(value), "split"}
	}
	again := p.reader()
	defer p.release()
	rest := raw.Text(value)
	for i, to := range out.split.into {
		var part []byte
		if i == len(out.split.into)-1 {
			part = bytes.TrimSpace(rest)
		} else {
			part, rest = out.split.next(rest)
		}
		if len(part) == 0 {
			break
		}
		again.Lenient(quote(nil, part))
		var err error
		if dst, err = p.deliver(dst, again, at, place{out: to, loose: at.loose}, nil); err != nil {
			return dst, err
		}
	}
	return dst, nil
}
