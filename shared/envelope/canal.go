package envelope

import (
	"fmt"

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
		return skip("ddl", name)
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
		_ = eachElement(c.old, func(old []byte) error { olds = append(olds, old); return nil }) // it was walked whole
	}
	v := unversioned
	if c.hasES {
		v = clock(c.es)
	}
	err = eachElement(c.data, func(data []byte) error {
		row := Row{Op: c.op, Version: v.number, Ties: v.ties, Time: micros(c.es * 1000)}
		if row.Document, err = canalDocument(&row, data, nil, types, columns); err != nil {
			return err
		}
		if n := len(rows); n < len(olds) && kind(olds[n]) == raw.Object && c.op == change.Index {
			if row.Before, err = canalDocument(&Row{}, data, olds[n], types, columns); err != nil {
				return err
			}
		}
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

// canalDocument is a row; with old, as it was before: old has the changed columns only.
func canalDocument(row *Row, data, old []byte, types map[string]string, columns Columns) ([]byte, error) {
	o := object{out: make([]byte, 0, len(data))}
	err := members(data, func(name, value []byte) error {
		if before := former(old, name); before != nil {
			value = before
		}
		o.name(name)
		if kind(value) != raw.String {
			o.out = append(o.out, value...)
			return nil
		}
		if columns[string(name)].JSON {
			if inner, ok := embedded(value); ok {
				o.out = append(o.out, inner...)
				return nil
			}
		}
		out, verdict := appendMySQL(o.out, types[string(name)], raw.Text(value))
		switch verdict {
		case formless:
			row.Blanks++
			out = append(out, "null"...)
		case unfit:
			return &Flaw{"column_unreadable", fmt.Sprintf("column %q: not a value of type %s", name, types[string(name)])}
		}
		o.out = out
		return nil
	})
	return o.end(), err
}
