package object

import "bytes"

// fieldScanner finds a row's fields in a text that may grow meanwhile.
type fieldScanner struct {
	comma  byte
	fields []field
	f      field // the one that is being read
	state  fieldState
	seen   int
	broken bool // a quote is not closed, or text follows one that is
}

type fieldState int

const (
	atStart  fieldState = iota
	unquoted            // a quote within it stands for itself
	inQuotes
	afterQuote // the second of a pair, or the field's end
)

// scan is true when the row ends; end is its length with the newline.
func (s *fieldScanner) scan(text []byte) (end int, ok bool) {
	for ; s.seen < len(text); s.seen++ {
		switch c := text[s.seen]; {
		case s.state == inQuotes:
			if i := bytes.IndexByte(text[s.seen:], '"'); i >= 0 {
				s.seen, s.state = s.seen+i, afterQuote
				s.f.end = s.seen
			} else {
				s.seen = len(text) - 1
			}
		case s.state == afterQuote && c == '"':
			s.state, s.f.escaped = inQuotes, true
		case c == s.comma:
			s.close(s.seen)
			s.f = field{start: s.seen + 1}
		case c == '\n':
			s.closeRow(text[:s.seen])
			return s.seen + 1, true
		case s.state == atStart && c == '"':
			s.f.quoted, s.f.start, s.state = true, s.seen+1, inQuotes
		case s.state == atStart && c != '\r':
			s.state = unquoted
		case s.state == afterQuote && c != '\r':
			s.broken = true
		}
	}
	return 0, false
}

// last ends the row with the stream.
func (s *fieldScanner) last(text []byte) int {
	if len(text) > 0 {
		s.closeRow(text)
	}
	return len(text)
}

// closeRow ends the row, which may end in a carriage return, and its last field.
func (s *fieldScanner) closeRow(row []byte) {
	end := len(row)
	if end > s.f.start && row[end-1] == '\r' {
		end--
	}
	s.close(end)
}

func (s *fieldScanner) close(end int) {
	switch {
	case !s.f.quoted:
		s.f.end = end
	case s.state == inQuotes:
		s.f.end, s.broken = end, true
	}
	s.fields, s.state = append(s.fields, s.f), atStart
}
