package source

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/envelope"
	"github.com/sluice-dev/sluice/shared/row"
)

// Table is a collection's table.
type Table struct {
	source     *Source
	collection *collection.Collection
	documents  *collection.Documents
	columns    envelope.Columns
	bools      []string
}

// Table is the table of a collection that has rows.
func (s *Source) Table(c *collection.Collection) *Table {
	t := &Table{source: s, collection: c, documents: collection.NewDocuments(c), columns: c.Columns()}
	for name, field := range c.Fields {
		if field.Type == "boolean" {
			t.bools = append(t.bools, name)
		}
	}
	return t
}

// portion is how many ids one statement asks for.
const portion = 1000

// Find are the rows that documents with these ids are made of, by id. What is not there
// has no row. Errors are faults.
func (t *Table) Find(ctx context.Context, ids []string) (map[string]row.Found, error) {
	db, err := t.source.open(ctx)
	if err != nil {
		return nil, err
	}
	found := map[string]row.Found{}
	var keys [][]any
	for _, id := range ids {
		if key, ok := t.key(id); ok {
			keys = append(keys, key)
		}
	}
	for part := range slices.Chunk(keys, portion) {
		rows, err := t.find(ctx, db, part)
		if err := t.source.answered(t.collection.Rows.Table, err); err != nil {
			return nil, err
		}
		for _, one := range rows {
			if one.ID != "" {
				found[one.ID] = one
			}
		}
	}
	return found, nil
}

// find asks again in halves where a key does not fit the column: such a row is not there.
func (t *Table) find(ctx context.Context, db *gorm.DB, keys [][]any) ([]row.Found, error) {
	tx := t.living(db)
	if len(t.collection.Rows.Key) == 1 {
		values := make([]any, len(keys))
		for i, key := range keys {
			values[i] = key[0]
		}
		tx = tx.Where(clause.IN{Column: column(t.collection.Rows.Key[0]), Values: values})
	} else {
		columns, values := make([]clause.Column, len(t.collection.Rows.Key)), make([]any, len(keys))
		for i, name := range t.collection.Rows.Key {
			columns[i] = column(name)
		}
		for i, key := range keys {
			values[i] = key
		}
		tx = tx.Where(clause.IN{Column: columns, Values: values})
	}
	rows, err := t.read(t.source.within(ctx, tx), nil)
	switch {
	case err == nil || !refused(err):
		return rows, err
	case len(keys) == 1:
		return nil, nil
	}
	half := len(keys) / 2
	first, err := t.find(ctx, db, keys[:half])
	if err != nil {
		return nil, err
	}
	second, err := t.find(ctx, db, keys[half:])
	return append(first, second...), err
}

func column(name string) clause.Column { return clause.Column{Name: name} }

// living are the rows that do not count as deleted.
func (t *Table) living(db *gorm.DB) *gorm.DB {
	tx := db.Table(t.collection.Rows.Table)
	if name := t.collection.Rows.Deleted; name != "" {
		tx = tx.Where(clause.Eq{Column: column(name), Value: nil})
	}
	return tx
}

// key is an id as its columns' values. Not ok: no row can have it.
func (t *Table) key(id string) (key []any, ok bool) {
	parts, ok := t.collection.Key(id)
	for i, part := range parts {
		if !ok {
			return nil, false
		}
		switch kind := t.collection.Fields[t.collection.ID.Fields[i]].Type; {
		case number(kind) && kind != "unsigned_long":
			n, err := strconv.ParseInt(part, 10, 64)
			key, ok = append(key, t.whole(n, part)), err == nil
		case number(kind):
			n, err := strconv.ParseUint(part, 10, 64)
			key, ok = append(key, t.whole(n, part)), err == nil
		default:
			key = append(key, part)
		}
	}
	return key, ok
}

// anyVersion stands where the id alone is asked for, which needs none.
var anyVersion int64

func number(kind string) bool {
	return slices.Contains([]string{"long", "integer", "short", "byte", "unsigned_long"}, kind)
}

// whole is a number as a parameter. PostgreSQL reads it from text, and says by a code of its
// own that it does not fit; MySQL would compare text as a float.
func (t *Table) whole(n any, text string) any {
	if t.source.config.Driver == "mysql" {
		return n
	}
	return text
}

// Key is an id as a JSON object of its key's columns, for a change message.
func (t *Table) Key(id string) ([]byte, bool) {
	key, ok := t.key(id)
	if !ok {
		return nil, false
	}
	object := map[string]any{}
	for i, name := range t.collection.Rows.Key {
		object[name] = key[i]
		if text, isText := key[i].(string); isText && number(t.collection.Fields[t.collection.ID.Fields[i]].Type) {
			object[name] = json.Number(text)
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		return nil, false
	}
	// The collection's rules may make another id of it.
	one, err := t.document(envelope.Change{Op: "delete", Version: &anyVersion, Row: text})
	return text, err == nil && one.ID == id
}

// read reads rows; place are the columns whose values tell where a row stands.
func (t *Table) read(tx *gorm.DB, place []string) (all []row.Found, err error) {
	rows, err := tx.Select("*").Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read to its end
	r, err := row.NewReader(rows, t.bools)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		_, literals, err := r.Read(rows)
		if err != nil {
			return nil, err
		}
		columns := r.Object(literals)
		one, _ := t.document(envelope.Change{Op: "index", Row: columns}) // what is none is shown as such
		one.Columns = columns
		for _, name := range place {
			i := slices.IndexFunc(r.Names, func(n string) bool { return strings.EqualFold(n, name) })
			if i < 0 {
				return nil, defect("the table has no column " + name)
			}
			one.Place = append(one.Place, r.Sorted(i, literals[i]))
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// document makes of a row what ingest would. With an error, a row that can be no document:
// it has its id alone, if that much can be told.
func (t *Table) document(c envelope.Change) (row.Found, error) {
	c.Table = t.collection.Rows.Table
	body, err := c.Body()
	if err != nil {
		return row.Found{}, err
	}
	message, ok := envelope.Open(body, "")
	if !ok {
		return row.Found{}, fmt.Errorf("no change message of it")
	}
	rows, err := message.Rows(t.columns)
	if err != nil {
		return row.Found{}, err
	}
	record := collection.Record{Attribute: t.collection.Name, Table: c.Table}
	made, err := t.documents.Row(record, collection.Sole, rows[0])
	if err == nil {
		return row.Found{ID: made.ID, Document: made.Body, Version: made.Version}, nil
	}
	if c.Op == "index" { // its key may be read still
		c.Op, c.Version = "delete", &anyVersion
		if key, keyErr := t.document(c); keyErr == nil {
			return row.Found{ID: key.ID, Version: key.Version}, err
		}
	}
	return row.Found{}, err
}
