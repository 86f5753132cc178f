package outbox

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"
)

// changing is what is known of a statement's rows before it runs.
type changing struct {
	keys [][]any
	rows []image // of a delete: the keys as documents have them
	set  bool    // SET is ours to take away

	where *clause.Clause // as it was before it was narrowed
}

const pending = "sluice:changing"

func pend(db *gorm.DB, c changing) { db.InstanceSet(pending, c) }

func pended(db *gorm.DB) (changing, bool) {
	value, ok := db.InstanceGet(pending)
	c, _ := value.(changing)
	return c, ok
}

// beforeUpdate names the rows that an update will change, locks them, and narrows it to
// them: a row that comes to match in between is not changed unseen.
func (p *Plugin) beforeUpdate(db *gorm.DB) {
	t, ok := p.followed(db)
	if !ok {
		return
	}
	stmt := db.Statement
	c := changing{}
	if _, given := stmt.Clauses["SET"]; !given {
		set := callbacks.ConvertToAssignments(stmt) // adds the model's key to WHERE
		if len(set) == 0 {
			return
		}
		stmt.AddClause(set)
		c.set = true
		if err := t.keepsKey(set); err != nil {
			_ = db.AddError(err)
			return
		}
	}
	if row := pointed(stmt.ReflectValue); row.IsValid() && row.Kind() == reflect.Struct {
		if key, err := t.keyOf(db, row); err == nil && complete(key) {
			c.keys = [][]any{key}
			pend(db, c)
			return
		}
	}
	if p.narrow(db, t, &c) {
		pend(db, c)
	}
}

func (t *table) keepsKey(set clause.Set) error {
	for _, a := range set {
		if slices.Contains(t.keys, a.Column.Name) {
			return fmt.Errorf("outbox: %s.%s is of the primary key, and the change of a row's key cannot be told: delete the row and create another", t.Table, a.Column.Name)
		}
	}
	return nil
}

func (p *Plugin) afterUpdate(db *gorm.DB) {
	p.after(db, func(t *table, c changing) error {
		_, err := p.record(db, t, c.keys)
		return err
	})
}

func (p *Plugin) beforeDelete(db *gorm.DB) {
	t, ok := p.followed(db)
	if !ok {
		return
	}
	stmt := db.Statement
	for _, value := range []any{stmt.ReflectValue, stmt.Model} {
		v, isValue := value.(reflect.Value)
		if !isValue {
			v = reflect.ValueOf(value)
		}
		if v = pointed(v); !v.IsValid() || stmt.Schema == nil || v.Kind() == reflect.Map {
			continue
		}
		_, values := schema.GetIdentityFieldValuesMap(stmt.Context, v, stmt.Schema.PrimaryFields)
		if column, in := schema.ToQueryValues(stmt.Table, t.keys, values); len(in) > 0 {
			stmt.AddClause(clause.Where{Exprs: []clause.Expression{clause.IN{Column: column, Values: in}}})
		}
	}
	var c changing
	if p.narrow(db, t, &c) {
		pend(db, c)
	}
}

func (p *Plugin) afterDelete(db *gorm.DB) {
	p.after(db, func(t *table, c changing) error { return p.recordDeleted(db, t, c) })
}

// after gives the statement back what was its own, and has the change written down.
func (p *Plugin) after(db *gorm.DB, record func(*table, changing) error) {
	c, ok := pended(db)
	if !ok {
		return
	}
	c.restore(db.Statement)
	if t, ok := p.followed(db); ok {
		_ = db.AddError(record(t, c))
	}
}

// narrow finds and locks the rows that WHERE names, and has the statement change these
// alone. Not ok: the statement is GORM's to refuse, or it has failed.
func (p *Plugin) narrow(db *gorm.DB, t *table, c *changing) bool {
	stmt := db.Statement
	where, conditioned := stmt.Clauses["WHERE"]
	if !conditioned && !db.AllowGlobalUpdate {
		return false
	}
	if len(stmt.Joins) > 0 {
		_ = db.AddError(errors.New("outbox: an update or delete with joins is not followed: give the rows by a subquery"))
		return false
	}
	tx := t.session(db)
	if stmt.Unscoped {
		tx = tx.Unscoped()
	}
	tx = tx.Limit(p.config.MostRows + 1)
	for _, name := range []string{"WHERE", "ORDER BY", "LIMIT"} {
		if given, ok := stmt.Clauses[name]; ok && slices.Contains(stmt.BuildClauses, name) { // PostgreSQL's writes know no LIMIT, and GORM leaves it out
			tx.Statement.Clauses[name] = given
		}
	}
	var err error
	c.rows, err = t.read(tx, t.keys...)
	if err == nil && len(c.rows) > p.config.MostRows {
		err = fmt.Errorf("outbox: the statement changes more than %d rows of %s: change them in portions", p.config.MostRows, t.Table)
	}
	if err != nil {
		_ = db.AddError(err)
		return false
	}
	for _, row := range c.rows {
		c.keys = append(c.keys, row.key)
	}
	c.where = &where
	stmt.Clauses["WHERE"] = clause.Clause{Name: "WHERE", Expression: clause.Where{Exprs: []clause.Expression{t.among(c.keys)}}}
	return true
}

// restore leaves the statement as it was, for whoever uses it again.
func (c changing) restore(stmt *gorm.Statement) {
	if c.set {
		delete(stmt.Clauses, "SET")
	}
	if c.where != nil && c.where.Expression != nil {
		stmt.Clauses["WHERE"] = *c.where
	} else if c.where != nil {
		delete(stmt.Clauses, "WHERE")
	}
}

// among is a condition that these rows meet and no other.
func (t *table) among(keys [][]any) clause.Expression {
	if len(keys) == 0 {
		return clause.Expr{SQL: "1 = 0"}
	}
	column, values := schema.ToQueryValues(clause.CurrentTable, t.keys, keys)
	return clause.IN{Column: column, Values: values}
}
