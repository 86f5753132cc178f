package collection

import (
	"regexp"
	"slices"
	"strings"

	"github.com/sluice-dev/sluice/shared/mapping"
)

// Rows is the table that a collection's documents are made of: a search finds them in
// OpenSearch and returns the rows as they are now.
type Rows struct {
	// Driver is what kind of database it is: postgres, or mysql, which MariaDB is too. All
	// collections with rows are of one database (ROWS_DSN).
	Driver string `yaml:"driver" jsonschema:"example=postgres,enum=postgres,enum=mysql"`
	// Table is its name as change messages call it: database.table, for PostgreSQL schema.table.
	Table string `yaml:"table" jsonschema:"example=public.orders"`
	// Key are the columns that hold the values of id.fields, in their order. Default: columns
	// of the same names.
	Key []string `yaml:"key,omitempty" jsonschema:"example=id"`
	// Columns are fields that hold a column of the same name as it is. A search that filters
	// and sorts by these alone, without a word to look for, is answered by the database.
	// Without: every search is answered by OpenSearch first.
	Columns []string `yaml:"columns,omitempty" jsonschema:"example=status"`
	// Deleted is a column that is not null when its row counts as deleted (GORM's deleted_at).
	Deleted string `yaml:"deleted,omitempty" jsonschema:"example=deleted_at"`
	// Repair is what becomes of documents that drifted from their rows: queue (a change message
	// puts them right; the default), or none (the answer tells of them), which a database that
	// lags behind, a replica, needs.
	Repair string `yaml:"repair,omitempty" jsonschema:"enum=queue,enum=none"`
	// Fallback is what a search returns while the database cannot be read: index (documents as
	// they were indexed, and the answer says so; the default), or none (the search fails).
	Fallback string `yaml:"fallback,omitempty" jsonschema:"enum=index,enum=none"`
}

var (
	tableNameRule  = regexp.MustCompile(`^[A-Za-z_]\w*\.[A-Za-z_]\w*$`)
	columnNameRule = regexp.MustCompile(`^[A-Za-z_]\w*$`)
	// served are the field types whose values a database compares as OpenSearch does.
	served = []string{"keyword", "long", "integer", "short", "byte", "unsigned_long", "scaled_float", "double", "boolean", "date"}
	// harmless are mapping parameters that do not change what a search finds.
	harmless = []string{"scaling_factor", "store", "boost", "fields", "copy_to"}
)

func (f *file) checkRows(c *Collection) {
	if c.Rows == nil {
		return
	}
	switch {
	case c.AppendOnly:
		f.wrong("rows", "append_only documents never change, rows do: remove one of the two")
	case len(c.ID.Fields) == 0:
		f.wrong("rows", "a document is found in its table by its key: add id: {fields: [...]}")
	case c.Index.Policy != "" && c.Index.Policy != "single":
		f.wrong("rows", "a row has one document, whatever its time: the index policy must be single")
	case c.Rows.Key != nil && len(c.Rows.Key) != len(c.ID.Fields):
		f.wrong("rows.key", "id has %d fields, the key %d columns: write one for each, in their order", len(c.ID.Fields), len(c.Rows.Key))
	}
	if c.Rows.Table != "" && !tableNameRule.MatchString(c.Rows.Table) {
		f.wrong("rows.table", "%q is not schema.table (PostgreSQL) or database.table of letters, digits and _", c.Rows.Table)
	}
	for i, name := range c.Rows.Key {
		f.checkColumn(index("rows.key", i), name)
	}
	if c.Rows.Deleted != "" {
		f.checkColumn("rows.deleted", c.Rows.Deleted)
	}
	for i, name := range c.Rows.Columns {
		f.checkServed(c, index("rows.columns", i), name)
	}
	for i, rules := range c.Mapping {
		for _, name := range c.ID.Fields {
			if changes(rules, name) && (len(rules.Sources) == 0 || slices.Contains(rules.Sources, c.Rows.Table)) {
				f.wrong(index("mapping", i), "changes %s, which is of the id: a row would not be found by it, and its document taken for one without a row; leave it as the table has it", name)
			}
		}
	}
}

// changes says that rules make other values of a field. Names and types they may change: the
// id is the same text.
func changes(r mapping.Rules, name string) bool {
	for _, split := range r.Split {
		if slices.Contains(split.Into, name) {
			return true
		}
	}
	_, enum := r.Enum[name]
	_, date := r.Date[name]
	_, redact := r.Redact[name]
	_, fill := r.Default[name]
	_, expr := r.Expr[name]
	return enum || date || redact || fill || expr
}

func (f *file) checkColumn(path, name string) {
	if !columnNameRule.MatchString(name) {
		f.wrong(path, "%q is not a column's name of letters, digits and _", name)
	}
}

// checkServed refuses columns that would find other documents than the index does.
func (f *file) checkServed(c *Collection, path, name string) {
	f.checkColumn(path, name)
	f.checkShown(c, path, name)
	t, ok := f.fieldType(c, path, name)
	if ok && !slices.Contains(served, t) {
		f.wrong(path, "%s is of type %s, which the database does not search as OpenSearch does: leave it out", name, t)
	}
	for parameter := range c.Fields[name].Mapping {
		if ok && !slices.Contains(harmless, parameter) {
			f.wrong(path, "%s has the mapping parameter %s, by which OpenSearch finds other documents than the database: leave it out", name, parameter)
		}
	}
}

func (r *Rows) fill(c *Collection) {
	if r.Key == nil {
		r.Key = slices.Clone(c.ID.Fields)
	}
	if r.Repair == "" {
		r.Repair = "queue"
	}
	if r.Fallback == "" {
		r.Fallback = "index"
	}
}

// Key takes an id apart into the values of its fields. Not ok: it is no id of this
// collection's.
func (c *Collection) Key(id string) (values []string, ok bool) {
	if len(c.ID.Fields) == 1 {
		return []string{id}, true
	}
	var part strings.Builder
	separator := c.ID.Separator
	for i := 0; i < len(id); i++ {
		switch {
		case id[i] == '\\' && i+1 < len(id):
			i++
			part.WriteByte(id[i])
		case strings.HasPrefix(id[i:], separator):
			values = append(values, part.String())
			part.Reset()
			i += len(separator) - 1
		default:
			part.WriteByte(id[i])
		}
	}
	values = append(values, part.String())
	return values, len(values) == len(c.ID.Fields)
}
