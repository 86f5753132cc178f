package object

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// rows makes documents of CSV (RFC 4180) whose first row names the columns. Values are
// text, whatever they look like; one that is empty and not quoted is left out.
type rows struct {
	*Cutter
	comma   byte
	columns [][]byte // names, quoted as in JSON
	fields  []field
	broken  bool // a quote is not closed, or text follows one that is
	out     []byte
}

// field is where a field is in its row.
type field struct {
	start, end      int
	quoted, escaped bool
}

// rows reads the first row.
func (c *Cutter) rows(comma byte) error {
	r := &rows{Cutter: c, comma: comma}
	c.next = r.piece
	text, p, err := r.row()
	if err != nil || text == nil && p.Flaw == nil {
		return err
	}
	if p.Flaw != nil {
		return p.Flaw
	}
	if r.broken {
		return &Flaw{"csv_header", "the quotes of the first row do not pair up"}
	}
	seen := map[string]bool{}
	for i, f := range r.fields {
		name := bytes.TrimSpace(f.text(text))
		switch {
		case len(name) == 0:
			return &Flaw{"csv_header", "column " + strconv.Itoa(i+1) + " has no name in the first row"}
		case !f.quoted && bytes.IndexByte(name, '\r') >= 0:
			return &Flaw{"csv_header", "the first row holds a carriage return: end rows in a newline, with or without one before it"}
		case seen[string(name)]:
			return &Flaw{"csv_header", "two columns are named " + strconv.Quote(string(name))}
		case !utf8.Valid(name):
			return &Flaw{"csv_header", "the name of column " + strconv.Itoa(i+1) + " is not UTF-8"}
		}
		seen[string(name)] = true
		quoted, _ := jsontext.AppendQuote(nil, name)
		r.columns = append(r.columns, quoted)
	}
	return nil
}

func (r *rows) piece() (Piece, error) {
	text, p, err := r.row()
	if err != nil || p.Flaw != nil {
		return p, err
	}
	if text == nil {
		return p, orEnd(r.ended())
	}
	switch {
	case r.broken:
		p.Flaw = &Flaw{"csv_row", fmt.Sprintf("the quotes of the row at byte %d do not pair up", p.Offset)}
	case len(r.fields) != len(r.columns):
		p.Flaw = &Flaw{"csv_row", fmt.Sprintf("the row at byte %d has %d fields, the first row %d", p.Offset, len(r.fields), len(r.columns))}
	case !utf8.Valid(text):
		p.Flaw = &Flaw{"csv_row", fmt.Sprintf("the row at byte %d is not UTF-8", p.Offset)}
	}
	if p.Text = bytes.TrimRight(text, "\r\n"); p.Flaw == nil {
		p.Text = r.document(text)
	}
	return p, nil
}

func (r *rows) document(text []byte) []byte {
	r.out = append(r.out[:0], '{')
	for i, f := range r.fields {
		if f.start == f.end && !f.quoted {
			continue
		}
		if len(r.out) > 1 {
			r.out = append(r.out, ',')
		}
		r.out = append(append(r.out, r.columns[i]...), ':')
		r.out, _ = jsontext.AppendQuote(r.out, f.text(text))
	}
	return append(r.out, '}')
}

func (f field) text(row []byte) []byte {
	text := row[f.start:f.end]
	if f.escaped {
		text = bytes.ReplaceAll(text, []byte(`""`), []byte(`"`))
	}
	return text
}

// row is the next row that is not blank, and its fields; nil at the end.
func (r *rows) row() (text []byte, p Piece, err error) {
	for {
		p = Piece{Offset: r.at}
		end, err := r.scan()
		if err != nil {
			return nil, p, err
		}
		if end < 0 {
			err := r.passLine()
			p.End = r.at
			p.Flaw = tooLarge(p, r.limit)
			return nil, p, err
		}
		if end == 0 {
			return nil, p, nil
		}
		text = r.rest()[:end]
		r.drop(end)
		p.End = r.at
		if len(bytes.TrimSpace(text)) > 0 {
			return text, p, nil
		}
	}
}

// scan finds the row's fields; end is the row's length with its newline, 0 at the end of
// the stream, negative if the row is too large: a quote is missing, or it is.
func (r *rows) scan() (end int, err error) {
	s := fieldScanner{comma: r.comma, fields: r.fields[:0]}
	defer func() { r.fields, r.broken = s.fields, s.broken }()
	for {
		end, ok := s.scan(r.rest())
		if ok && end <= r.limit {
			return end, nil
		}
		if ok || r.full() {
			r.drop(r.limit)
			return -1, nil
		}
		if r.fill() {
			continue
		}
		if err := r.ended(); err != nil {
			return 0, err
		}
		return s.last(r.rest()), nil
	}
}
