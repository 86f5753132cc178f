package envelope

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/raw"
)

// canal is a flat message: many rows of one table, all values texts.
type canal struct {
	op        change.Op
	data, old []byte
	types     []byte // mysqlType
	es        int64
	hasES     bool
}

func openCanal(body []byte, _ bool) (Message, bool) {
	var c canal
	var database, table, kindName string
	var ddl []byte
	if members(body, func(name, value []byte) error {
		switch string(name) {
		case "data":
			c.data = value
		case "old":
			c.old = value
		case "mysqlType":
			c.types = value
		case "database":
			database = text(value)
		case "table":
			table = text(value)
		case "type":
			kindName = text(value)
		case "isDdl":
			ddl = value
		case "es":
			c.es, c.hasES = integer(value)
		}
		return nil
	}) != nil || ddl == nil || kindName == "" {
		return Message{}, false
	}
	name := tableName(database, table)
	switch kindName {
	case "INSERT", "UPDATE":
		c.op = change.Index
	case "DELETE":
		c.op = change.Delete
	case "TRUNCATE":
		return skip(Truncate, name)
	default:
		return Message{Skip: "ddl", Table: name}, kindName == strings.ToUpper(kindName) // as Canal writes them all
	}
	if kind(c.data) != raw.Array || string(ddl) == "true" {
		return skip("ddl", name)
	}
	return Message{Table: name, frame: &c}, true
}

func (c *canal) rows(columns Columns) (rows []Row, err error) {
	types := map[string]string{}
	if kind(c.types) == raw.Object {
		if err := members(c.types, func(name, value []byte) error {
			types[string(name)] = text(value)
			return nil
		}); err != nil {
			return nil, err
		}
	}
	olds := [][]byte{}
	if kind(c.old) == raw.Array {
		_ = eachElement(c.old, func(old []byte) error { // it was walked whole
			if len(olds) == Most {
				return errMany
			}
			olds = append(olds, old)
			return nil
		})
	}
	v := unversioned
	if c.hasES {
		v = clock(c.es)
	}
	read := canalReader{types, columns}
	err = eachElement(c.data, func(data []byte) error {
		row := Row{Op: c.op, Version: v.number, Ties: v.ties, Time: micros(c.es * 1000)}
		if len(rows) == Most {
			return &Flaw{"too_many_documents", fmt.Sprintf("more than %d rows", Most)}
		}
		row.Document, row.Blanks, err = read.document(data, c.op == change.Delete)
		if flaw, ok := errors.AsType[*Flaw](err); ok {
			rows = append(rows, Row{Op: c.op, Version: v.number, Flaw: flaw})
			return nil
		} else if err != nil {
			return err
		}
		if n := len(rows); n < len(olds) && kind(olds[n]) == raw.Object && c.op == change.Index {
			row.Before, _, err = read.document(overlay(data, olds[n]), true)
		}
		rows = append(rows, row)
		return err
	})
	return rows, err
}

// canalReader knows how the columns' texts are read.
type canalReader struct {
	types   map[string]string // as MySQL names them
	columns Columns           // as the collection does
}

// document is a row. If only its key matters, what cannot be read is left out.
func (c canalReader) document(data []byte, keyOnly bool) (document []byte, blanks int, err error) {
	o := object{out: make([]byte, 0, len(data))}
	err = members(data, func(name, value []byte) error {
		before := o
		o.name(name)
		out, verdict := c.append(o.out, string(name), value)
		switch {
		case verdict == formless:
			blanks++
			out = append(out, "null"...)
		case verdict == unfit && keyOnly:
			o = before
			return nil
		case verdict == unfit:
			return &Flaw{"column_unreadable", fmt.Sprintf("column %q: not a value of type %s", name, c.types[string(name)])}
		}
		o.out = out
		return nil
	})
	return o.end(), blanks, err
}

func (c canalReader) append(dst []byte, name string, value []byte) ([]byte, verdict) {
	if kind(value) != raw.String {
		return append(dst, value...), exact
	}
	if c.columns[name].JSON {
		if inner, ok := embedded(value); ok {
			return append(dst, inner...), exact
		}
	}
	return appendMySQL(dst, c.types[name], raw.Text(value))
}
