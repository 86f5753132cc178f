// Package collection reads collections/*.yaml, the one thing that a user edits:
// where a collection's records come from, how a record becomes a document, which
// index holds it and what search may use. Read once per cold start, by every
// function. Strict: every mistake of every file is reported at once, each with
// file:line and the way to put it right; nothing is guessed.
package collection

import (
	"time"

	"github.com/sluice-dev/sluice/shared/rotation"
)

// Collection is one collections/<name>.yaml. After Load, Policy is set.
type Collection struct {
	Name        string `yaml:"name"` // = the file's name; lower case letters, digits, -
	Description string `yaml:"description,omitempty"`
	// AppendOnly documents are created once and never changed (op create; an existing
	// one is the same one delivered again). Otherwise a document is an entity: later
	// changes replace it, by version where there is one.
	AppendOnly bool     `yaml:"append_only,omitempty"`
	Sources    []Source `yaml:"sources,omitempty"`
	// Lines: named formats tried in turn on a body that is not a JSON object:
	// combined (Apache/nginx access log), text (any line becomes {"message": line}).
	Lines   []string         `yaml:"lines,omitempty"`
	ID      ID               `yaml:"id,omitempty"`
	Time    *Time            `yaml:"time,omitempty"`
	Version *Version         `yaml:"version,omitempty"`
	Op      *Op              `yaml:"op,omitempty"`
	Fields  map[string]Field `yaml:"fields"`
	// Dynamic: what becomes of a field not named in Fields: false (kept and returned,
	// not searchable; the default), true (mapped by OpenSearch), strict (dead-lettered).
	Dynamic string          `yaml:"dynamic,omitempty"`
	Index   rotation.Config `yaml:"index"`
	Search  Search          `yaml:"search,omitempty"`

	Policy rotation.Policy `yaml:"-"`
}

// Source names one place records come from; exactly one key is set. A record whose
// message attribute `collection` is the collection's name needs no source.
type Source struct {
	Queue  string `yaml:"queue,omitempty"`  // SQS queue: ARN, or its name alone
	Stream string `yaml:"stream,omitempty"` // Kinesis stream: ARN, or its name alone
	Table  string `yaml:"table,omitempty"`  // an envelope's database.table
}

// ID: the document's id is the values of Fields (dotted paths into the document),
// joined by Separator (default "|") if more than one. Without Fields it is the
// record's message attribute `id`, else its source position (SQS message id; Kinesis
// shard id and sequence number): stable when delivered again.
type ID struct {
	Fields    []string `yaml:"fields,omitempty"`
	Separator string   `yaml:"separator,omitempty"`
}

// Time: where the event's time is. Formats: rfc3339, unix, unix_ms, unix_us,
// unix_ns, or a Go layout; default rfc3339. Missing: dead_letter (default) or arrival
// (when the source took the record in; the field is then added to the document).
type Time struct {
	Field   string   `yaml:"field"`
	Formats []string `yaml:"formats,omitempty"`
	Missing string   `yaml:"missing,omitempty"`
}

// Version: an integer field, 0 to 2^63-1, used as OpenSearch external version.
type Version struct {
	Field string `yaml:"field"`
}

// Op: a field whose value says that the document is to be deleted.
type Op struct {
	Field  string   `yaml:"field"`
	Delete []string `yaml:"delete"` // values that mean delete
}

// Field becomes the mapping of the index template.
type Field struct {
	// Type: an OpenSearch field type: keyword, text, date, long, integer, short, byte,
	// unsigned_long, double, float, scaled_float, boolean, ip, object, flat_object, wildcard, geo_point, binary.
	Type    string         `yaml:"type"`
	Format  string         `yaml:"format,omitempty"`  // of a date
	Mapping map[string]any `yaml:"mapping,omitempty"` // further mapping parameters, as OpenSearch names them
	Doc     string         `yaml:"doc,omitempty"`     // for people: shown by GET /v1/collections and in the page
}

// Search: what search may use.
type Search struct {
	Default   []string `yaml:"default,omitempty"`   // text fields a bare word is looked for in; default: all text fields
	Hidden    []string `yaml:"hidden,omitempty"`    // fields never searched, sorted, or returned
	Sort      string   `yaml:"sort,omitempty"`      // default order, "field:asc" or "field:desc"; default time descending
	Wildcards bool     `yaml:"wildcards,omitempty"` // trailing * and ? in terms
	MaxRange  string   `yaml:"max_range,omitempty"` // longest time range, e.g. 31d; default unlimited
	MaxSize   int      `yaml:"max_size,omitempty"`  // documents a page; default 1000
}

// Record is what a source says of one record, apart from its body.
type Record struct {
	Attribute string    // message attribute `collection`
	ARN       string    // the queue's or stream's ARN
	Table     string    // an envelope's database.table
	ID        string    // message attribute `id`
	Position  string    // source position, unique within ARN and stable when delivered again
	Arrived   time.Time // when the source took it in; stable when delivered again
}
