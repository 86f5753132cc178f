package source

import (
	"context"
	"encoding/json"

	"gorm.io/gorm/clause"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
	"github.com/sluice-dev/sluice/shared/row"
)

// counted is how far rows are counted, as OpenSearch counts documents.
const counted = 10_000

// Page answers a search that the table can answer: rows in the search's order, then in
// that of the key. The error is Invalid where a value does not fit its column, or another
// fault.
func (t *Table) Page(ctx context.Context, q query.Relation) (page row.Page, err error) {
	s := statement{table: t, mysql: t.source.config.Driver == "mysql"}
	where, err := s.condition(q.Where)
	if err != nil {
		return page, err
	}
	order := s.order(q.Sort)
	after, err := s.after(order, q.After)
	if err != nil {
		return page, err
	}
	db, err := t.source.open(ctx)
	if err != nil {
		return page, err
	}
	some := t.living(db).Select("1").Where(where).Limit(counted + 1)
	err = t.source.within(ctx, db.Table("(?) AS found", some)).Count(&page.Total).Error
	if err == nil && q.Size > 0 {
		tx := t.living(db).Where(where).Limit(q.Size).Offset(q.Offset)
		if after != nil {
			tx = tx.Where(*after)
		}
		page.Rows, err = t.read(t.source.within(ctx, tx.Order(s.by(order))), placed(order))
	}
	if page.Total > counted {
		page.Total, page.More = counted, true
	}
	return page, t.source.answered(t.collection.Rows.Table, err)
}

func placed(order []query.Order) (names []string) {
	for _, o := range order {
		names = append(names, o.Column)
	}
	return names
}

// statement writes conditions for one kind of database.
type statement struct {
	table *Table
	mysql bool
}

// order is the search's, made total by the key.
func (s statement) order(sort []query.Order) []query.Order {
	order := sort[:len(sort):len(sort)]
	for i, name := range s.table.collection.Rows.Key {
		t := s.table.collection.Fields[s.table.collection.ID.Fields[i]].Type
		order = append(order, query.Order{Column: name, Type: t})
	}
	return order
}

// by sorts null last, as OpenSearch sorts what is missing.
func (s statement) by(order []query.Order) clause.OrderBy {
	var out clause.Expr
	for i, o := range order {
		if i > 0 {
			out.SQL += ", "
		}
		out.SQL += "? IS NULL, " + s.sorted(o.Type)
		if o.Desc {
			out.SQL += " DESC"
		}
		out.Vars = append(out.Vars, column(o.Column), column(o.Column))
	}
	return clause.OrderBy{Expression: out}
}

// sorted is a column as its values are put in order: text by its bytes, in UTF-8 whatever
// characters the column has.
func (s statement) sorted(kind string) string {
	switch {
	case kind != "keyword":
		return "?"
	case s.mysql:
		return "CAST(CONVERT(? USING utf8mb4) AS BINARY)"
	}
	return `CAST(? AS text) COLLATE "C"`
}

// after is what comes behind a row with these values.
func (s statement) after(order []query.Order, values []json.RawMessage) (*clause.Expr, error) {
	if values == nil {
		return nil, nil
	}
	if len(values) != len(order) {
		return nil, fault.New(fault.Invalid, "the cursor is of another search: begin again without it")
	}
	var out, same clause.Expr
	for i, o := range order {
		equal, behind, err := s.beside(o, values[i])
		if err != nil {
			return nil, err
		}
		if behind.SQL != "" {
			out = either(out, both(same, behind))
		}
		same = both(same, equal)
	}
	if out.SQL == "" {
		out.SQL = "1 = 0"
	}
	return &out, nil
}

// beside are the conditions to be equal to a value, and to come behind it.
func (s statement) beside(o query.Order, value json.RawMessage) (equal, behind clause.Expr, err error) {
	name := column(o.Column)
	if string(value) == "null" { // the last of all
		return clause.Expr{SQL: "? IS NULL", Vars: []any{name}}, behind, nil
	}
	text := string(value)
	if value[0] == '"' {
		if err := json.Unmarshal(value, &text); err != nil {
			return equal, behind, fault.Wrap(fault.Invalid, "the cursor cannot be read: begin again without it", err)
		}
	}
	parameter, bound, ok := s.parameter(o.Type, text)
	if !ok {
		return equal, behind, fault.New(fault.Invalid, "the cursor is of another search: begin again without it")
	}
	operator := " > "
	if o.Desc {
		operator = " < "
	}
	sorted := s.sorted(o.Type)
	equal = clause.Expr{SQL: sorted + " = " + parameter, Vars: []any{name, bound}}
	behind = clause.Expr{SQL: "(" + sorted + operator + parameter + " OR ? IS NULL)", Vars: []any{name, bound, name}}
	return equal, behind, nil
}

func both(a, b clause.Expr) clause.Expr {
	if a.SQL == "" {
		return b
	}
	return clause.Expr{SQL: a.SQL + " AND " + b.SQL, Vars: append(a.Vars[:len(a.Vars):len(a.Vars)], b.Vars...)}
}

func either(a, b clause.Expr) clause.Expr {
	if a.SQL == "" {
		return clause.Expr{SQL: "(" + b.SQL + ")", Vars: b.Vars}
	}
	return clause.Expr{SQL: a.SQL + " OR (" + b.SQL + ")", Vars: append(a.Vars[:len(a.Vars):len(a.Vars)], b.Vars...)}
}
