// Package row writes a row that a database/sql driver read as one JSON object of its
// columns, every value as docs/cdc.md writes it: whole numbers and decimals with all their
// digits, bytes in base64, times in UTC, what JSON has no form for as null. It knows the
// drivers' types of PostgreSQL (pgx) and MySQL or MariaDB, and refuses no row. Called by
// shared/source and shared/outbox, so that a row is the same document by either way.
package row

import (
	"bytes"
	"database/sql"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Reader reads the rows of one answer.
type Reader struct {
	Names []string
	types []string
	bools []string
	cells []any
	into  []any
}

// NewReader looks at the columns; bools are those whose numbers are true and false.
func NewReader(rows *sql.Rows, bools []string) (*Reader, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	r := &Reader{bools: bools, cells: make([]any, len(types)), into: make([]any, len(types))}
	for i, t := range types {
		r.Names = append(r.Names, t.Name())
		r.types = append(r.types, strings.ToUpper(t.DatabaseTypeName()))
		r.into[i] = &r.cells[i]
	}
	return r, nil
}

// Read takes the row that rows stands at. Values can be given back to the database as
// parameters; literals are the same as JSON.
func (r *Reader) Read(rows *sql.Rows) (values []any, literals [][]byte, err error) {
	if err := rows.Scan(r.into...); err != nil {
		return nil, nil, err
	}
	for i, cell := range r.cells {
		if text, ok := cell.([]byte); ok && !binary(r.types[i]) {
			cell = string(text)
		}
		values = append(values, cell)
		literals = append(literals, r.literal(i, cell))
	}
	return values, literals, nil
}

func (r *Reader) literal(i int, cell any) []byte {
	if slices.Contains(r.bools, r.Names[i]) {
		switch cell {
		case int64(0), "0", "\x00":
			return []byte("false")
		case int64(1), "1", "\x01":
			return []byte("true")
		}
	}
	return appendValue(nil, r.types[i], cell)
}

// Sorted is a value as it is put in order: PostgreSQL's CHAR without its padding.
func (r *Reader) Sorted(i int, literal []byte) []byte {
	if text, quoted := bytes.CutSuffix(literal, []byte(`"`)); quoted && r.types[i] == "BPCHAR" {
		return append(bytes.TrimRight(bytes.Clone(text), " "), '"')
	}
	return literal
}

// Object writes some columns, in the order of names, as a JSON object.
func (r *Reader) Object(literals [][]byte, names ...string) []byte {
	if names == nil {
		names = r.Names
	}
	out := []byte("{")
	for _, name := range names {
		i := slices.Index(r.Names, name)
		if i < 0 {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = appendQuoted(out, name)
		out = append(append(out, ':'), literals[i]...)
	}
	return append(out, '}')
}

func appendQuoted(dst []byte, text string) []byte {
	dst, _ = jsontext.AppendQuote(dst, text) // what is not UTF-8 becomes U+FFFD
	return dst
}
