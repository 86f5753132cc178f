package query

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Relation is a search that a table can answer: conditions on columns, and an order.
type Relation struct {
	Where        Condition
	Sort         []Order
	Size, Offset int
	After        []json.RawMessage // values of Sort, and of the table's key, that the page begins behind
}

// Order is one column that rows are sorted by.
type Order struct {
	Column, Type string // Type is the field's
	Desc         bool
}

// Condition is true or false of every row, as OpenSearch's clause is of every document:
// of a row whose column is null, a comparison is false, and its negation true.
type Condition struct {
	Op     string // and, or, not; never; exists; =, >, >=, <, <=
	Column string
	Type   string // of the field
	Value  string // as text
	Of     []Condition
}

// Relation translates the search, if columns hold every field it uses. It reads the very
// clauses that OpenSearch would get, mandatory ones among them, and knows only those it
// can translate exactly: with any other it is not ok, and OpenSearch has to be asked.
func (r Request) Relation(columns []string) (out Relation, ok bool) {
	t := translation{schema: r.schema, columns: columns, ok: true}
	out = Relation{Where: t.clause(r.where()), Size: r.Size, Offset: r.offset}
	for _, o := range r.sort {
		if !t.column(o.field) {
			return out, false
		}
		out.Sort = append(out.Sort, Order{o.field, o.kind, o.desc})
	}
	if r.direct {
		out.After = r.after
	}
	beside := r.highlighting() || len(r.facets) > 0 // which only OpenSearch knows
	return out, t.ok && !beside && len(r.sort) > 0 && (r.after == nil || r.direct)
}

// Shows says whether a row as it is now may be shown: whether its document is the tenant's
// still. What it was when it was indexed does not count.
func (r Request) Shows(document []byte) bool {
	return r.schema.Tenant == "" || settles(document, r.schema.Tenant, r.schema.Tenants)
}

// settles says that a document's field, nested or written with dots, is one of these texts.
func settles(document []byte, name string, list []string) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(document, &members) != nil {
		return false
	}
	for member, value := range members {
		if rest, inside := strings.CutPrefix(name, member+"."); inside && settles(value, rest, list) {
			return true
		}
		var text string
		if member == name && json.Unmarshal(value, &text) == nil && string(value) != "null" && slices.Contains(list, text) {
			return true
		}
	}
	return false
}

// Direct says that the search goes on where a page of the table's ended.
func (r Request) Direct() bool { return r.direct }

// NextRow is the cursor of the page behind a row: the values of what it was sorted by.
func (r Request) NextRow(values []json.RawMessage) (string, error) {
	return r.cursor(position{Clock: r.clock.Unix(), After: values, Direct: true})
}

// Foreign is the mistake of a cursor that the table does not know.
func (r Request) Foreign() error { return Mistakes{wrong(-1, "%s", otherSearch).in("cursor")} }

type translation struct {
	schema  Schema
	columns []string
	ok      bool
}

func (t *translation) column(name string) bool {
	if !slices.Contains(t.columns, name) {
		t.ok = false
	}
	return t.ok
}

func (t *translation) fail() Condition {
	t.ok = false
	return Condition{}
}

// only is the one member of a clause: its name and value.
func only(clause object) (string, any) {
	if len(clause) != 1 {
		return "", nil
	}
	for name, value := range clause {
		return name, value
	}
	return "", nil
}

func (t *translation) clause(clause object) Condition {
	name, value := only(clause)
	inner, isObject := value.(object)
	switch {
	case !isObject:
		return t.fail()
	case name == "match_all" && len(inner) == 0:
		return Condition{Op: "and"}
	case name == "bool":
		return t.boolean(inner)
	case name == "term":
		return t.term(inner)
	case name == "terms":
		return t.terms(inner)
	case name == "range":
		return t.between(inner)
	case name == "exists":
		return t.exists(inner)
	}
	return t.fail()
}

func (t *translation) boolean(clauses object) Condition {
	out := Condition{Op: "and"}
	for _, name := range slices.Sorted(maps.Keys(clauses)) {
		list, isList := clauses[name].([]object)
		switch {
		case name == "minimum_should_match" && clauses[name] == 1 && clauses["should"] != nil:
			continue
		case !isList:
			return t.fail()
		case name == "filter" || name == "must":
			out.Of = append(out.Of, t.all(list)...)
		case name == "must_not":
			for _, one := range t.all(list) {
				out.Of = append(out.Of, Condition{Op: "not", Of: []Condition{one}})
			}
		case name == "should" && clauses["minimum_should_match"] == 1:
			out.Of = append(out.Of, Condition{Op: "or", Of: t.all(list)})
		default:
			return t.fail()
		}
	}
	return out
}

func (t *translation) all(list []object) (out []Condition) {
	for _, one := range list {
		out = append(out, t.clause(one))
	}
	return out
}

func (t *translation) term(inner object) Condition {
	name, value := only(inner)
	if told, isObject := value.(object); isObject {
		if member, bare := only(told); member == "value" {
			return t.compare("=", name, bare)
		}
	}
	return t.fail()
}

// terms is one of several values; of none, it is never met.
func (t *translation) terms(inner object) Condition {
	name, value := only(inner)
	list, isList := value.([]string)
	if !isList || !t.column(name) {
		return t.fail()
	}
	out := Condition{Op: "or"}
	for _, one := range list {
		out.Of = append(out.Of, t.compare("=", name, one))
	}
	return out
}

var operators = map[string]string{"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

func (t *translation) between(inner object) Condition {
	name, value := only(inner)
	bounds, isObject := value.(object)
	if !isObject {
		return t.fail()
	}
	out := Condition{Op: "and"}
	for _, bound := range slices.Sorted(maps.Keys(bounds)) {
		operator, known := operators[bound]
		switch {
		case known:
			out.Of = append(out.Of, t.compare(operator, name, bounds[bound]))
		case bound != "format" || bounds[bound] != "strict_date_optional_time":
			return t.fail()
		}
	}
	return out
}

func (t *translation) exists(inner object) Condition {
	member, value := only(inner)
	name, isText := value.(string)
	switch {
	case member != "field" || !isText:
		return t.fail()
	case name == t.schema.Deleted: // a row is no tombstone
		return Condition{Op: "never"}
	case t.column(name):
		return Condition{Op: "exists", Column: name, Type: t.schema.Fields[name].Type}
	}
	return t.fail()
}

// compare takes a value as text: digits stay the digits that were written.
func (t *translation) compare(operator, name string, value any) Condition {
	var text string
	switch v := value.(type) {
	case string:
		text = v
	case json.RawMessage:
		text = string(bytes.TrimSpace(v))
	case bool, int, int64:
		out, _ := json.Marshal(v)
		text = string(out)
	default:
		return t.fail()
	}
	f, known := t.schema.Fields[name]
	if !known || !t.column(name) || strings.ContainsAny(text, "eE") && slices.Contains(floatTypes, f.Type) {
		return t.fail()
	}
	return Condition{Op: operator, Column: name, Type: f.Type, Value: text}
}
