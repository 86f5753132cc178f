package envelope

import (
	"time"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/raw"
)

// debezium is a message of Debezium's, out of its {"schema", "payload"} if it has one.
type debezium struct {
	schema        []byte
	op            string
	before, after []byte
	source        source
}

func openDebezium(body []byte, declared bool) (Message, bool) {
	if kind(body) == raw.Null {
		return skip("tombstone", "")
	}
	var d debezium
	payload := body
	seen, count := map[string][]byte{}, 0
	if members(body, func(name, value []byte) error {
		count++
		switch string(name) {
		case "schema", "payload", "before", "after", "source", "op", "ddl", "status", "data_collections", "__deleted", "__op", "ts_ms":
			seen[string(name)] = value
		}
		return nil
	}) != nil {
		return Message{}, false
	}
	if declared && count == 1 && seen["ts_ms"] != nil {
		return skip("heartbeat", "")
	}
	if inner, ok := seen["payload"]; ok && (count == 1 || count == 2 && seen["schema"] != nil) {
		d.schema, payload = seen["schema"], inner
		if isNull(inner) {
			return skip("tombstone", "")
		}
		clear(seen)
		if !isObject(inner) || members(inner, func(name, value []byte) error {
			seen[string(name)] = value
			return nil
		}) != nil {
			return Message{}, false
		}
	}
	return d.open(payload, seen, declared)
}

func (d *debezium) open(payload []byte, seen map[string][]byte, declared bool) (Message, bool) {
	d.op = text(seen["op"])
	switch {
	case isObject(seen["source"]) && d.op != "":
		d.before, d.after = seen["before"], seen["after"]
		return d.full(seen["source"])
	case seen["ddl"] != nil && member(seen["source"], "connector") != nil:
		return skip("ddl", "")
	case (text(seen["status"]) == "BEGIN" || text(seen["status"]) == "END") && seen["data_collections"] != nil:
		return skip("transaction", "")
	case seen["__deleted"] != nil || seen["__op"] != nil || declared:
		return d.flattened(payload)
	}
	return Message{}, false
}

func isObject(value []byte) bool { return kind(value) == raw.Object }

// full is an envelope with before, after, source and op.
func (d *debezium) full(where []byte) (Message, bool) {
	if d.source.read(where) != nil || d.source.connector == "" {
		return Message{}, false
	}
	table := d.source.name()
	switch d.op {
	case "c", "u", "r", "d":
		return Message{Table: table, frame: d}, true
	case "t":
		return skip(Truncate, table)
	case "m":
		return skip("message", "")
	}
	return skip("operation "+d.op, table)
}

func (d *debezium) rows(columns Columns) ([]Row, error) {
	v, err := d.source.version()
	if err != nil {
		return nil, err
	}
	types, known := schemaColumns(d.schema, d.op == "d")
	r := rowReader{columns: columns, types: types, known: known}
	row := Row{Version: v.number, Ties: v.ties, Time: d.source.time, Op: change.Index}
	image, other := d.after, d.before
	if d.op == "d" {
		row.Op, image, other, r.keyOnly = change.Delete, d.before, nil, true
	}
	if d.source.connector == "mongodb" {
		if image, other, row.Blanks, err = mongoImages(image, other); err != nil {
			return nil, err
		}
	}
	if !isObject(image) {
		return nil, &Flaw{"no_image", "the change has no image of its row: a delete needs its key in before; MongoDB capture.mode change_streams_update_full_with_pre_image"}
	}
	if isObject(other) {
		r.fallback = other
		if row.Before, err = (&rowReader{columns: columns, types: types, known: known, keyOnly: true}).read(other); err != nil {
			return nil, err
		}
	}
	row.Document, err = r.read(image)
	row.Missing, row.Blanks = r.missing, row.Blanks+r.blanks
	return []Row{row}, err
}

// mongoImages are the images as objects; null stays.
func mongoImages(image, other []byte) (_, _ []byte, blanks int, err error) {
	if !isNull(other) {
		if other, _, err = mongoDocument(other); err != nil {
			return nil, nil, 0, err
		}
	}
	if !isNull(image) {
		image, blanks, err = mongoDocument(image)
	}
	return image, other, blanks, err
}

// micros is a time from microseconds, zero if there are none.
func micros(n int64) time.Time {
	if n <= 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
