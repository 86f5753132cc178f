package envelope

import (
	"bytes"
	"math"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/raw"
)

// flattened is a row that ExtractNewRecordState took out of its envelope. What it adds
// (add.fields) is named __op, __lsn, __source_ts_ms and so on.
type flattened struct {
	schema, body []byte
	source       source
	deleted      bool
	skip         string
}

func (d *debezium) flattened(payload []byte) (Message, bool) {
	f := &flattened{schema: d.schema, body: payload}
	f.source.ticks = -1
	if kind(payload) != raw.Object || members(payload, func(name, value []byte) error {
		if own, ok := bytes.CutPrefix(name, []byte("__")); ok {
			f.add(string(bytes.TrimPrefix(own, []byte("source_"))), bytes.HasPrefix(own, []byte("source_")), value)
		}
		return nil
	}) != nil {
		return Message{}, false
	}
	table := ""
	if f.source.schema != "" || f.source.db != "" {
		table = f.source.name()
	}
	if f.skip != "" {
		return skip(f.skip, table)
	}
	return Message{Table: table, frame: f}, true
}

func (f *flattened) add(name string, ofSource bool, value []byte) {
	switch name {
	case "deleted":
		f.deleted = f.deleted || string(value) == `"true"` || string(value) == "true"
	case "op":
		switch op := text(value); op {
		case "d":
			f.deleted = true
		case "t":
			f.skip = Truncate
		}
	case "ts_us", "ts_ms":
		f.tick(name, ofSource, value)
	default:
		f.source.locate(name, value)
	}
}

// tick takes the source's clock before the connector's: that one starts anew when a
// connector reads its log again.
func (f *flattened) tick(name string, ofSource bool, value []byte) {
	n, ok := integer(value)
	if !ok || !ofSource || n < 0 {
		return
	}
	if name == "ts_ms" {
		if f.source.ticks >= 0 || n > math.MaxInt64/1000 {
			return
		}
		n *= 1000
	}
	f.source.ticks = n
	f.source.time = micros(n)
}

func (f *flattened) version() version {
	s := &f.source
	if s.hasLSN && s.lsn >= 0 {
		return version{number: s.lsn}
	}
	if v, ok := binlog(s.file, s.pos, s.row); ok && s.hasPos {
		return v
	}
	return clock(s.ticks)
}

func (f *flattened) rows(columns Columns) ([]Row, error) {
	types, known := schemaColumns(f.schema, false)
	r := rowReader{columns: columns, types: types, known: known, flat: true, keyOnly: f.deleted}
	v := f.version()
	row := Row{Version: v.number, Ties: v.ties, Time: f.source.time, Op: change.Index}
	if f.deleted {
		row.Op = change.Delete
	}
	var err error
	row.Document, err = r.read(f.body)
	row.Missing, row.Blanks = r.missing, r.blanks
	return []Row{row}, err
}
