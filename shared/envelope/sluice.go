package envelope

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/raw"
)

// Change is a change message of Sluice's own: what the outbox sends, and what repairs a
// document that has drifted from its row.
type Change struct {
	Sluice string `json:"sluice"` // "change"
	// Table is what collections call it: database.table, or schema.table for PostgreSQL.
	Table string `json:"table,omitempty"`
	Op    string `json:"op"` // index or delete
	// Version, 0 or more; nil: the collection's version field says it.
	Version *int64 `json:"version,omitempty"`
	// Ties says that the change also replaces a document of this very version.
	Ties bool `json:"ties,omitempty"`
	// Time of the change; nil: not told.
	Time *time.Time `json:"time,omitempty"`
	// Row is a JSON object of its columns, values as docs/cdc.md writes them; of a delete,
	// its key.
	Row json.RawMessage `json:"row"`
}

const ownMark = "change"

// Body is the message's text. The error is that Row is no JSON.
func (c Change) Body() ([]byte, error) {
	c.Sluice = ownMark
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false) // the row stays as it is
	err := e.Encode(c)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

type own struct {
	op      change.Op
	version version
	time    time.Time
	row     []byte
}

// openSluice opens a message of ours, whatever the collection declares: its repairs come
// beside another dialect's changes.
func openSluice(body []byte, _ bool) (Message, bool) {
	o := own{version: unversioned}
	var mark, table, op string
	valid, ties := true, false
	if members(body, func(name, value []byte) error {
		switch string(name) {
		case "sluice":
			mark = text(value)
		case "table":
			table = text(value)
		case "op":
			op = text(value)
		case "version":
			o.version.number, valid = integer(value)
		case "ties":
			ties = string(value) == "true"
		case "time":
			o.time, _ = time.Parse(time.RFC3339, text(value))
		case "row":
			o.row = value
		}
		return nil
	}) != nil || mark != ownMark || kind(o.row) != raw.Object || !valid || o.version.number < change.NoVersion {
		return Message{}, false
	}
	switch op {
	case "index":
		o.op = change.Index
	case "delete":
		o.op = change.Delete
	default:
		return Message{}, false
	}
	o.version.ties = ties
	return Message{Table: table, frame: o}, true
}

// rows: values are written already as documents have them.
func (o own) rows(columns Columns) ([]Row, error) {
	r := rowReader{columns: columns, known: true, keyOnly: o.op == change.Delete}
	row := Row{Op: o.op, Version: o.version.number, Ties: o.version.ties, Time: o.time}
	var err error
	row.Document, err = r.read(o.row)
	row.Missing, row.Blanks = r.missing, r.blanks
	return []Row{row}, err
}
