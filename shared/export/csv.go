package export

import "strings"

// Columns of every document that no field's name can be, and the one of all that has no
// column of its own.
const (
	idColumn    = "_id"
	indexColumn = "_index"
	otherColumn = "_other"
)

// CSV writes a record a document. A record is in one array of cells, used again.
type CSV struct {
	columns  []string
	at       map[string]int  // column's place by its name
	within   map[string]bool // names that a column's begins with
	rest     bool            // what has no column goes into the last
	formulas bool            // as they are
	cells    []cell
}

// cell is a value as it stands in a column; unset: the document has none.
type cell struct {
	text  string
	set   bool
	plain bool // never a formula
	array bool // text is a JSON array of what was found, still open
}

// NewCSV takes the names that were asked for, or all of the collection's; with all,
// the document's id and index come first, and last a column for what has none.
func NewCSV(fields []string, all bool, keepFormulas bool) *CSV {
	c := &CSV{at: map[string]int{}, within: map[string]bool{}, rest: all, formulas: keepFormulas}
	if all {
		fields = append(append([]string{idColumn, indexColumn}, fields...), otherColumn)
	}
	for _, name := range fields {
		if _, twice := c.at[name]; twice {
			continue
		}
		c.at[name] = len(c.columns)
		c.columns = append(c.columns, name)
		for i := range name {
			if name[i] == '.' {
				c.within[name[:i]] = true
			}
		}
	}
	c.cells = make([]cell, len(c.columns))
	return c
}

// Name is csv.
func (*CSV) Name() string { return "csv" }

// Type is CSV's media type.
func (*CSV) Type() string { return "text/csv; charset=utf-8" }

// Head names the columns.
func (c *CSV) Head() []byte {
	for i, name := range c.columns {
		c.cells[i] = cell{text: name, set: true, plain: field.MatchString(name)}
	}
	return c.record(nil)
}

// Append adds a document's record.
func (c *CSV) Append(out []byte, r Row) ([]byte, error) {
	clear(c.cells)
	c.set(idColumn, r.ID)
	c.set(indexColumn, r.Index)
	if err := c.read(r.Source); err != nil {
		return out, err
	}
	return c.record(out), nil
}

func (c *CSV) set(column, text string) {
	if i, ok := c.at[column]; ok {
		c.cells[i] = cell{text: text, set: true}
	}
}

// record writes the cells: a value that is there and empty is "", one that is not there
// is nothing.
func (c *CSV) record(out []byte) []byte {
	for i, one := range c.cells {
		if i > 0 {
			out = append(out, ',')
		}
		if one.array {
			one.text += "]"
		} else if !c.formulas && !one.plain {
			one.text = neutral(one.text)
		}
		if one.set && (one.text == "" || strings.ContainsAny(one.text, ",\"\r\n") || one.text[0] == ' ' || one.text[len(one.text)-1] == ' ') {
			out = append(out, '"')
			out = append(out, strings.ReplaceAll(one.text, `"`, `""`)...)
			out = append(out, '"')
		} else {
			out = append(out, one.text...)
		}
	}
	return append(out, "\r\n"...)
}
