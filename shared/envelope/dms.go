package envelope

import (
	"time"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/raw"
)

// dms is one record of AWS DMS's: {"data", "metadata"}. A column that is null is left
// out, so that a row always replaces the whole document.
type dms struct {
	op           change.Op
	data, before []byte
	stamp        time.Time
}

func openDMS(body []byte, _ bool) (Message, bool) {
	var d dms
	var metadata []byte
	if members(body, func(name, value []byte) error {
		switch string(name) {
		case "data":
			d.data = value
		case "before-image":
			d.before = value
		case "metadata":
			metadata = value
		}
		return nil
	}) != nil || kind(metadata) != raw.Object {
		return Message{}, false
	}
	var record, operation, schema, table string
	if members(metadata, func(name, value []byte) error {
		switch string(name) {
		case "record-type":
			record = text(value)
		case "operation":
			operation = text(value)
		case "schema-name":
			schema = text(value)
		case "table-name":
			table = text(value)
		case "timestamp":
			_ = d.stamp.UnmarshalText([]byte(text(value))) // else it stays zero
		}
		return nil
	}) != nil || record == "" {
		return Message{}, false
	}
	name := tableName(schema, table)
	switch {
	case record == "control" && operation == "truncate-table":
		return skip(Truncate, name)
	case record == "control":
		return skip("control", name)
	case record != "data":
		return Message{}, false
	case operation == "delete":
		d.op = change.Delete
	case operation == "load" || operation == "insert" || operation == "update":
		d.op = change.Index
	default:
		return Message{}, false
	}
	return Message{Table: name, frame: &d}, kind(d.data) == raw.Object
}

func (d *dms) rows(columns Columns) (rows []Row, err error) {
	r := rowReader{columns: columns, keyOnly: d.op == change.Delete}
	v := unversioned
	if !d.stamp.IsZero() {
		v = clock(d.stamp.UnixMicro())
	}
	row := Row{Op: d.op, Version: v.number, Ties: v.ties, Time: d.stamp.UTC()}
	if row.Document, err = r.read(d.data); err != nil {
		return nil, err
	}
	row.Blanks = r.blanks
	if kind(d.before) == raw.Object && d.op == change.Index {
		if row.Before, err = (&rowReader{columns: columns, keyOnly: true}).read(overlay(d.data, d.before)); err != nil {
			return nil, err
		}
	}
	return []Row{row}, nil
}
