package envelope

import (
	"bytes"
	"time"

	"github.com/sluice-dev/sluice/shared/change"
)

// Message is an opened change envelope.
type Message struct {
	Dialect string
	// Table is what collections call the row's source: database.table (MySQL, DMS),
	// schema.table (PostgreSQL), dynamodb.table; empty where the envelope does not say.
	Table string
	// Skip says what a message without rows is (Truncate, "ddl", ...); else empty.
	Skip string

	frame frame
}

// Truncate is the Skip of a message that emptied a table: no row is named by it.
const Truncate = "truncate"

// frame is what one dialect made of a message.
type frame interface {
	rows(Columns) ([]Row, error)
}

// Row is one change to one row.
type Row struct {
	Op       change.Op // Index or Delete
	Document []byte    // one JSON object: the row; of a delete, at least its key
	Before   []byte    // the row as it was, if it is told: its key may be another
	Version  int64     // see docs/cdc.md; change.NoVersion if the dialect offers none
	Ties     bool      // successive changes to the row may share Version
	Time     time.Time // of the change, zero if not told
	Missing  []string  // columns whose value was not sent although it is not null
	Flaw     *Flaw     // why this one of many has no document; the others have
	Blanks   int       // values that JSON or OpenSearch has no form for (NaN, infinity), now null
}

// Flaw is why a row can never be a document. It names columns, never values.
type Flaw struct{ Type, Text string }

func (f *Flaw) Error() string { return f.Text }

// dialect is one kind of envelope.
type dialect struct {
	name  string
	marks []string // ends of names, one of which is in each of its messages; see marked
	open  func(text []byte, declared bool) (Message, bool)
}

// dialects are all there are, those with the plainest marks first.
var dialects = [...]dialect{
	{ours, []string{`uice"`}, openSluice},
	{"canal", []string{`Ddl"`}, openCanal},
	{"dms", []string{`-type"`}, openDMS},
	{"dynamodb", []string{`modb"`}, openDynamoDB},
	{"debezium", []string{`__`, `_collections"`, `ctor"`}, openDebezium},
	{"maxwell", []string{`base"`}, openMaxwell},
}

// ours is read whatever a collection declares.
const ours = "sluice"

// Open opens a message by its shape, or as the declared dialect. A message that is not
// one, or not of that dialect, is no envelope: a plain document.
func Open(text []byte, declared string) (Message, bool) {
	if len(text) == 0 || text[0] != '{' && declared == "" {
		return Message{}, false
	}
	for i := range dialects {
		d := &dialects[i]
		other := declared != "" && declared != d.name && d.name != ours
		if other || (declared == "" || d.name == ours) && !marked(text, d.marks) {
			continue
		}
		if m, ok := d.open(text, declared != ""); ok {
			m.Dialect = d.name
			return m, true
		}
	}
	return Message{}, false
}

// marked looks for a few bytes in what is most often a plain document. A text that
// begins with a rare byte is found fast; with the quote of a name, five times slower.
func marked(text []byte, marks []string) bool {
	for _, mark := range marks {
		if bytes.Contains(text, []byte(mark)) {
			return true
		}
	}
	return false
}

// Rows are the message's changes, in their order. Columns are what the collection says
// of the columns, for dialects that do not say it themselves. The error is a *Flaw.
func (m Message) Rows(columns Columns) ([]Row, error) {
	if m.frame == nil {
		return nil, nil
	}
	return m.frame.rows(columns)
}

func skip(why, table string) (Message, bool) { return Message{Skip: why, Table: table}, true }

func tableName(parts ...string) string {
	name := ""
	for _, part := range parts {
		if part == "" {
			continue
		}
		if name != "" {
			name += "."
		}
		name += part
	}
	return name
}
