package outbox

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/sluice-dev/sluice/shared/row"
)

const (
	indexed = "index"
	deleted = "delete"

	chunk = 1000 // rows asked for at once
	batch = 100  // rows written down at once
)

// image is a row as its table has it.
type image struct {
	key     []any  // parameters
	keyJSON []byte // an object of the key's columns
	body    []byte // an object of all columns that were asked for
}

// Record writes down the rows with these primary keys as they are now: after SQL that is
// written by hand, in its transaction, or to send a table for the first time. A key of
// several columns is a []any. Rows that are not there are passed over.
func (p *Plugin) Record(tx *gorm.DB, model any, keys ...any) error {
	stmt := &gorm.Statement{DB: tx}
	if err := stmt.Parse(model); err != nil {
		return err
	}
	db := tx.Session(&gorm.Session{})
	db.Statement.Table = stmt.Schema.Table
	t, ok := p.followed(db)
	if !ok {
		return fmt.Errorf("outbox: %T is not followed, or this is no transaction: %w", model, db.Error)
	}
	var all [][]any
	for _, key := range keys {
		if parts, composite := key.([]any); composite {
			all = append(all, parts)
		} else {
			all = append(all, []any{key})
		}
	}
	_, err := p.record(db, t, all)
	return err
}

// record writes down rows as they are after a change. It locks them: a plain read could
// show an older state than the one that was left as it was.
func (p *Plugin) record(db *gorm.DB, t *table, keys [][]any) (found int, err error) {
	for part := range slices.Chunk(keys, chunk) {
		rows, err := t.read(t.session(db).Unscoped().Where(t.among(part)))
		if err != nil {
			return found, err
		}
		found += len(rows)
		living, err := t.living(db, part)
		if err != nil {
			return found, err
		}
		if err := t.write(db, rows, living); err != nil {
			return found, err
		}
	}
	return found, nil
}

// recordDeleted writes down what a delete left: nothing, or a row that is marked.
func (p *Plugin) recordDeleted(db *gorm.DB, t *table, c changing) error {
	for part := range slices.Chunk(c.rows, chunk) {
		var keys [][]any
		for _, one := range part {
			keys = append(keys, one.key)
		}
		left, err := t.read(t.session(db).Unscoped().Where(t.among(keys)))
		if err != nil {
			return err
		}
		living, err := t.living(db, keys)
		if err != nil {
			return err
		}
		for _, one := range part {
			same := func(i image) bool { return bytes.Equal(i.keyJSON, one.keyJSON) }
			if !slices.ContainsFunc(left, same) {
				left = append(left, one)
			}
		}
		if err := t.write(db, left, func(i image) bool { return living(i) && len(i.body) > 0 }); err != nil {
			return err
		}
	}
	return nil
}

// living says which rows the model's own conditions show: not what is softly deleted.
func (t *table) living(db *gorm.DB, keys [][]any) (func(image) bool, error) {
	if len(t.QueryClauses) == 0 {
		return func(image) bool { return true }, nil
	}
	rows, err := t.read(t.session(db).Where(t.among(keys)), t.keys...)
	shown := map[string]bool{}
	for _, one := range rows {
		shown[string(one.keyJSON)] = true
	}
	return func(i image) bool { return shown[string(i.keyJSON)] }, err
}

// write puts rows into the outbox; a row that is no longer shown is deleted.
func (t *table) write(db *gorm.DB, rows []image, living func(image) bool) error {
	tx := db.Session(&gorm.Session{NewDB: true, SkipHooks: true})
	for part := range slices.Chunk(rows, batch) {
		entries := make([]entry, len(part))
		for i, one := range part {
			entries[i] = entry{Source: t.source, RowKey: string(one.keyJSON), Op: deleted, Body: string(one.keyJSON)}
			if living(one) && len(one.body) > 0 {
				entries[i].Op, entries[i].Body = indexed, string(one.body)
			}
		}
		if err := tx.Create(&entries).Error; err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
	}
	return nil
}

// session is a query on the table that locks what it finds.
func (t *table) session(db *gorm.DB) *gorm.DB {
	tx := db.Session(&gorm.Session{NewDB: true}).Model(reflect.New(t.ModelType).Interface())
	return tx.Table(db.Statement.Table).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
}

// read reads rows; with columns these alone, and no body.
func (t *table) read(tx *gorm.DB, columns ...string) (all []image, err error) {
	if columns == nil {
		tx = tx.Select("*")
	} else {
		tx = tx.Select(columns)
	}
	rows, err := tx.Rows()
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	defer rows.Close() //nolint:errcheck // read to its end
	r, err := row.NewReader(rows, t.bools)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values, literals, err := r.Read(rows)
		if err != nil {
			return nil, err
		}
		one := image{keyJSON: r.Object(literals, t.keys...)}
		for _, name := range t.keys {
			one.key = append(one.key, values[slices.Index(r.Names, name)])
		}
		if columns == nil {
			one.body = r.Object(literals)
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
