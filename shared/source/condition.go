package source

import (
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

// condition writes a condition that is true or false, never null. One that is not known
// here is an error: none is ever left out.
func (s statement) condition(c query.Condition) (clause.Expr, error) {
	switch c.Op {
	case "never":
		return clause.Expr{SQL: "1 = 0"}, nil
	case "exists":
		return clause.Expr{SQL: "? IS NOT NULL", Vars: []any{column(c.Column)}}, nil
	case "and":
		return s.joined(c.Of, " AND ", "1 = 1")
	case "or":
		return s.joined(c.Of, " OR ", "1 = 0")
	case "not":
		if len(c.Of) == 1 {
			inner, err := s.condition(c.Of[0])
			return clause.Expr{SQL: "NOT (" + inner.SQL + ")", Vars: inner.Vars}, err
		}
	case "=", ">", ">=", "<", "<=":
		return s.comparison(c)
	}
	return clause.Expr{}, fault.New(fault.Invalid, "the database does not know the condition "+strconv.Quote(c.Op))
}

func (s statement) joined(of []query.Condition, by, none string) (out clause.Expr, err error) {
	var texts []string
	for _, one := range of {
		inner, err := s.condition(one)
		if err != nil {
			return out, err
		}
		texts = append(texts, "("+inner.SQL+")")
		out.Vars = append(out.Vars, inner.Vars...)
	}
	if out.SQL = strings.Join(texts, by); out.SQL == "" {
		out.SQL = none
	}
	return out, nil
}

// comparison is false of a null. Text that a column finds equal by its type or collation
// is compared byte by byte as well; the plain comparison is for its index.
func (s statement) comparison(c query.Condition) (clause.Expr, error) {
	name := column(c.Column)
	parameter, bound, ok := s.parameter(c.Type, c.Value)
	if !ok {
		return clause.Expr{}, fault.New(fault.Invalid, "the database cannot compare a "+c.Type)
	}
	left := s.sorted(c.Type)
	if c.Op == "=" && c.Type == "keyword" {
		left = "?"
	}
	out := clause.Expr{SQL: "? IS NOT NULL AND " + left + " " + c.Op + " " + parameter, Vars: []any{name, name, bound}}
	if c.Op == "=" && c.Type == "keyword" {
		out.SQL += " AND " + s.exact() + " = ?"
		out.Vars = append(out.Vars, name, bound)
	}
	return out, nil
}

// exact is a column's text as the document has it: with the padding of PostgreSQL's CHAR,
// which a cast would take away.
func (s statement) exact() string {
	if s.mysql {
		return s.sorted("keyword")
	}
	return `concat(?) COLLATE "C"`
}

// parameter is a value's place in a statement and the value: as text, which PostgreSQL
// reads as the column's type.
func (s statement) parameter(kind, text string) (place string, bound any, ok bool) {
	switch kind {
	case "keyword":
		return "?", text, true
	case "boolean":
		if s.mysql {
			return "?", strings.Count(text, "true"), true
		}
		return "?", text, text == "true" || text == "false"
	case "date":
		at, err := moment(text)
		if s.mysql {
			return "?", at, err == nil
		}
		return "CAST(? AS timestamptz)", at.Format(time.RFC3339Nano), err == nil
	case "long", "integer", "short", "byte", "unsigned_long":
		if !s.mysql {
			return "?", text, true
		}
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return "?", n, true
		}
		n, err := strconv.ParseUint(text, 10, 64)
		return "?", n, err == nil
	case "scaled_float", "double":
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			return "", nil, false
		}
		if s.mysql {
			return "CAST(? AS DECIMAL(65,30))", text, true
		}
		return "?", text, true
	}
	return "", nil, false
}

func moment(text string) (time.Time, error) {
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	return at.UTC(), err
}
