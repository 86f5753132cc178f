package outbox

import (
	"fmt"
	"reflect"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// beforeCreate refuses an upsert whose rows the database would not name: MySQL tells one
// generated id for many rows, and that of none where a row was there.
func (p *Plugin) beforeCreate(db *gorm.DB) {
	t, ok := p.followed(db)
	if !ok {
		return
	}
	_, upsert := db.Statement.Clauses["ON CONFLICT"]
	if !upsert || returns(db) {
		return
	}
	for _, row := range rowsOf(db.Statement.ReflectValue) {
		if key, err := t.keyOf(db, row); err != nil || !complete(key) {
			_ = db.AddError(fmt.Errorf("outbox: an upsert into %s needs the primary key of each row: this database does not tell what it generated", t.Table))
			return
		}
	}
}

// returns says that the database tells what it generated, row by row.
func returns(db *gorm.DB) bool {
	for _, c := range db.Callback().Create().Clauses {
		if c == "RETURNING" {
			return true
		}
	}
	return false
}

// afterCreate writes down each row as it is now. A row that is not found by its key was
// another one: an upsert that another unique key decided.
func (p *Plugin) afterCreate(db *gorm.DB) {
	t, ok := p.followed(db)
	if !ok {
		return
	}
	conflict, upsert := db.Statement.Clauses["ON CONFLICT"]
	c, _ := conflict.Expression.(clause.OnConflict)
	distinct := map[string]bool{}
	var keys [][]any
	for _, row := range rowsOf(db.Statement.ReflectValue) {
		key, err := t.keyOf(db, row)
		if err != nil {
			_ = db.AddError(err)
			return
		}
		if upsert && c.DoNothing && !complete(key) {
			continue // it was there, and stays as it was
		}
		if name := fmt.Sprintf("%#v", key); !distinct[name] {
			distinct[name] = true
			keys = append(keys, key)
		}
	}
	found, err := p.record(db, t, keys)
	if err == nil && found < len(keys) && (!upsert || !c.DoNothing) {
		err = fmt.Errorf("outbox: %d of %d rows written to %s are not found by their primary keys: an upsert may only meet rows by the primary key", len(keys)-found, len(keys), t.Table)
	}
	_ = db.AddError(err)
}

// rowsOf are the rows of a statement's value: a struct, a map, or a list of them.
func rowsOf(value reflect.Value) (rows []reflect.Value) {
	value = pointed(value)
	if value.Kind() != reflect.Slice && value.Kind() != reflect.Array {
		return []reflect.Value{value}
	}
	for i := range value.Len() {
		rows = append(rows, pointed(value.Index(i)))
	}
	return rows
}

func pointed(value reflect.Value) reflect.Value {
	for value.Kind() == reflect.Pointer || value.Kind() == reflect.Interface {
		value = value.Elem()
	}
	return value
}

// keyOf is the primary key that a struct or map has.
func (t *table) keyOf(db *gorm.DB, row reflect.Value) (key []any, err error) {
	if row.Kind() == reflect.Map {
		return t.keyOfMap(row)
	}
	s := t.Schema
	if !row.IsValid() || row.Kind() != reflect.Struct {
		return nil, t.unnamed()
	}
	if row.Type() != s.ModelType {
		stmt := &gorm.Statement{DB: db}
		if err := stmt.Parse(reflect.New(row.Type()).Interface()); err != nil {
			return nil, err
		}
		s = stmt.Schema
	}
	for _, name := range t.keys {
		field := s.LookUpField(name)
		if field == nil {
			return nil, t.unnamed()
		}
		value, _ := field.ValueOf(db.Statement.Context, row)
		key = append(key, value)
	}
	return key, nil
}

func (t *table) keyOfMap(row reflect.Value) (key []any, err error) {
	for i, name := range t.keys {
		var found reflect.Value
		for _, as := range []string{name, t.PrimaryFields[i].Name, "@id"} {
			if as == "@id" && len(t.keys) > 1 {
				continue
			}
			if v := row.MapIndex(reflect.ValueOf(as)); v.IsValid() && !found.IsValid() {
				found = v
			}
		}
		if !found.IsValid() || pointed(found).Kind() == reflect.Invalid {
			return nil, t.unnamed()
		}
		key = append(key, found.Interface())
	}
	return key, nil
}

func (t *table) unnamed() error {
	return fmt.Errorf("outbox: a row written to %s has no primary key that is known: use the model, or give %v", t.Table, t.keys)
}

// complete says that no part of a key is left to the database.
func complete(key []any) bool {
	for _, part := range key {
		if v := reflect.ValueOf(part); !v.IsValid() || v.IsZero() {
			return false
		}
	}
	return true
}
