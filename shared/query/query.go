// Package query turns a search request into OpenSearch's query DSL: it reads the
// parameters, parses `q` by a grammar of its own to a tree over the fields that the
// collection shows, checks every value against its field's type, and writes the DSL.
//
// It refuses, with the parameter, the position and what would be right: a field that
// is unknown or hidden, a value its field cannot hold, what costs the cluster too much
// (limits below), regular expressions, and a cursor of another search. It never writes
// query_string, and a caller's text only ever becomes a JSON string or a checked
// literal. Everything is pure: the time is given. functions/search calls it.
package query

import (
	"maps"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/field"
)

// What one search may ask for.
const (
	maxValue   = 8192  // bytes of any parameter
	maxText    = 1000  // characters of q
	maxDepth   = 20    // parentheses and NOTs inside one another
	maxClauses = 128   // terms, ranges and existence tests of q
	maxFilters = 32    // filter parameters
	maxFields  = 100   // names in fields
	maxSorts   = 5     // keys in sort
	maxWindow  = 10000 // offset + size, OpenSearch's max_result_window
	maxCursor  = 8000  // bytes of a cursor

	defaultSize = 50
)

// Schema is what may be searched of one collection.
type Schema struct {
	Collection string
	Fields     map[string]Field // by full name; hidden fields are not in it
	Hidden     []string         // never searched, sorted or returned
	Time       string           // field of the event's time; empty: none
	ID         []string         // sortable fields that together are unique; empty: none
	Default    []string         // fields that a bare word is looked for in
	Sort       string           // default order, "field:asc"; empty: time descending, else relevance
	Wildcards  bool             // trailing * and ? in words
	MaxRange   time.Duration    // longest from..to; zero: any
	MaxSize    int              // documents a page
	Tenant     string           // field of each document's tenant; empty: documents have none
	Tenants    []string         // whose documents are found; empty, where there is a Tenant: nobody's
	Rows       bool             // documents are rows of a table: they come with versions, and a cursor may be the table's
	Deleted    string           // field of what is left of deleted documents, which is never found; empty: nothing is
	Keys       [][]byte         // the first signs and veils cursors, the others are still believed
}

// Field is how one field may be used.
type Field struct {
	Type         string // OpenSearch's field type
	Unsearchable bool   // not indexed
	Unsortable   bool   // without doc values
	Nested       string // the nested field that it lies in; empty: none
}

// field finds name, or the flat_object that holds it.
func (s Schema) field(name string) (Field, bool) {
	if f, ok := s.Fields[name]; ok {
		return f, !s.hidesInside(name)
	}
	for i := len(name) - 1; i > 0; i-- {
		if name[i] == '*' { // OpenSearch would take it for a pattern
			return Field{}, false
		}
		if name[i] != '.' {
			continue
		}
		if f, ok := s.Fields[name[:i]]; ok {
			return Field{Type: "flat_object", Unsortable: true}, f.Type == "flat_object" && i < len(name)-1 && !s.hides(name)
		}
	}
	return Field{}, false
}

// hides says whether name is a hidden field or inside one, however it is written.
func (s Schema) hides(name string) bool { return s.hidden().Hides(name) }

func (s Schema) hidden() field.Hidden {
	return field.Hide(s.Hidden, maps.Keys(s.Fields))
}

// hidesInside says whether a hidden field lies inside name, which would give it away.
func (s Schema) hidesInside(name string) bool {
	return slices.ContainsFunc(s.Hidden, func(h string) bool { return field.Inside(name, h) })
}

// Field finds name, or the flat_object that holds it.
func (s Schema) Field(name string) (Field, bool) { return s.field(name) }
