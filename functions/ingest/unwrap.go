package main

import (
	"errors"
	"log/slog"

	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/envelope"
)

// unwrap opens a change message and adds its rows; c is the record's collection, nil
// if none claims the record itself. It is false for a plain document.
func (d *delivery) unwrap(c *collection.Collection, p part, document []byte) bool {
	byTable := d.tables && p.from.Attribute == ""
	if !byTable && !c.Opens() {
		return false
	}
	declared := ""
	if c != nil && c.Opens() {
		declared = c.Envelope
	}
	m, ok := envelope.Open(document, declared)
	if !ok {
		return false
	}
	record := *p.from
	if record.Table = m.Table; m.Table != "" {
		c, _ = d.collections.Resolve(record)
	}
	if c != nil && !c.Opens() {
		d.add(c, p, document)
		return true
	}
	if m.Skip != "" {
		d.pass(m, nameOf(c))
		return true
	}
	if c == nil {
		l := unclaimed(p.from)
		l.cause += ", and none its table " + m.Table
		p.record.condemn(l)
		return true
	}
	d.addRows(c, p, record, m)
	return true
}

// pass counts a message without rows. A truncate is said aloud: its rows stay.
func (d *delivery) pass(m envelope.Message, collectionName string) {
	d.counts.skipped++
	if m.Skip == envelope.Truncate {
		d.log.Warn("table truncated: its documents stay", slog.String("table", m.Table), slog.String("collection", collectionName))
	}
}

func (d *delivery) addRows(c *collection.Collection, p part, record collection.Record, m envelope.Message) {
	rows, err := m.Rows(d.columns[c])
	if err != nil {
		p.record.condemn(p.letter(flawOf(err), err.Error(), c.Name, ""))
		return
	}
	for i, row := range rows {
		own := p
		if len(rows) > 1 && p.place == collection.Sole {
			own.place = i
		}
		d.addRow(c, own, record, row)
	}
}

// addRow adds a row's change; if it has moved to another id, the old one goes first.
func (d *delivery) addRow(c *collection.Collection, p part, record collection.Record, row envelope.Row) {
	if row.Flaw != nil {
		p.record.condemn(p.letter(row.Flaw.Type, row.Flaw.Text, c.Name, ""))
		return
	}
	documents := d.documents[c]
	wanted, err := documents.Row(record, p.place, row)
	if flaw, ok := errors.AsType[*collection.Flaw](err); ok {
		p.record.condemn(p.letter(flaw.Type, flaw.Text, c.Name, ""))
		return
	}
	if former, moved := documents.Former(record, p.place, row, wanted.ID); moved {
		d.put(c, p, former)
	}
	d.counts.blanks += row.Blanks
	p.missing = row.Missing
	d.put(c, p, wanted)
}

func flawOf(err error) string {
	if flaw, ok := errors.AsType[*envelope.Flaw](err); ok {
		return flaw.Type
	}
	return "envelope_unreadable"
}
