package collection

import (
	"strings"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/envelope"
)

// Row makes the change that a row of a change envelope asks for. Operation and version
// are the envelope's, where it has one; id and time are the row's own. The error is a
// *Flaw.
func (d *Documents) Row(record Record, part int, row envelope.Row) (change.Change, error) {
	return d.row(record, part, row, row.Document)
}

// Former is the deletion of the row's former id, if its change gave it another one.
func (d *Documents) Former(record Record, part int, row envelope.Row, id string) (c change.Change, moved bool) {
	if row.Before == nil {
		return c, false
	}
	row.Op = change.Delete
	c, err := d.row(record, part, row, row.Before)
	return c, err == nil && c.ID != id
}

func (d *Documents) row(record Record, part int, row envelope.Row, document []byte) (change.Change, error) {
	if len(d.ids) == 0 {
		return change.Change{}, &Flaw{"id_missing", "a change message names its row by its key, and the collection has no id fields"}
	}
	f := d.finders.Get().(*finder)
	defer d.finders.Put(f)
	body, err := d.mapped(f, record, document, row.Op == change.Delete)
	if err != nil {
		return change.Change{}, err
	}
	c := change.Change{Collection: d.collection.Name, Op: row.Op, Version: row.Version, Ties: row.Ties}
	if d.time < 0 {
		c.Time = row.Time
	}
	return d.fill(f, record, part, body, c)
}

// Opens says whether change envelopes are opened for the collection.
func (c *Collection) Opens() bool { return !c.AppendOnly && c.Envelope != "none" }

// Columns are what the fields say of a table's columns. A field that holds objects
// takes JSON for a text that is JSON.
func (c *Collection) Columns() envelope.Columns {
	columns := envelope.Columns{}
	for name, field := range c.Fields {
		parent, _, nested := strings.Cut(name, ".")
		if nested {
			columns[parent] = envelope.Column{JSON: true}
			continue
		}
		column, said := envelope.ParseColumn(field.Column)
		if !said {
			column = columnFor(field.Type)
		}
		if columns[name].JSON {
			column.JSON = true
		}
		columns[name] = column
	}
	return columns
}

func columnFor(fieldType string) envelope.Column {
	switch fieldType {
	case "date":
		return envelope.Column{Form: envelope.ForDate}
	case "unsigned_long":
		return envelope.Column{Form: envelope.ForUnsigned}
	case "long", "integer", "short", "byte", "double", "float", "scaled_float":
		return envelope.Column{Form: envelope.ForNumber}
	case "object", "nested", "flat_object":
		return envelope.Column{JSON: true}
	}
	return envelope.Column{}
}
