// Package collection reads collections/*.yaml, the one thing that a user edits:
// where a collection's records come from, how a record becomes a document, which
// index holds it and what search may use. Read once per cold start, by every
// function. Strict: every mistake of every file is reported at once, each with
// file:line and the way to put it right; nothing is guessed.
package collection

import (
	"time"

	"github.com/sluice-dev/sluice/shared/envelope"
	"github.com/sluice-dev/sluice/shared/mapping"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// Collection is one collections/<name>.yaml. After Load every default is filled in
// and Policy is set.
type Collection struct {
	// Name is the file's name without .yaml: lower case letters and digits, with single
	// dashes between. Indices and aliases are named for it.
	Name string `yaml:"name" jsonschema:"example=orders,pattern=^[a-z0-9]+(-[a-z0-9]+)*$,maxLength=100"`
	// Description is for people: shown by GET /v1/collections and in the page.
	Description string `yaml:"description,omitempty"`
	// AppendOnly documents are created once and never changed (an existing one is the
	// same one delivered again). Otherwise a document is an entity: later changes replace
	// it, by version where there is one.
	AppendOnly bool `yaml:"append_only,omitempty"`
	// Sources are the queues, streams, topics, tables and buckets whose records belong here. None is
	// needed for records whose message attribute (or header) `collection` is the name.
	Sources []Source `yaml:"sources,omitempty"`
	// Lines are the formats tried in turn on a body that is not a JSON object
	// (docs/lines.md): alb, cloudfront, cloudtrail (whose lines are JSON), combined (access
	// log of Apache or nginx), logfmt, syslog (RFC 5424), text (any line becomes
	// {"message": line}), vpcflow, or one of grok. Without: such a body is dead-lettered.
	Lines []string `yaml:"lines,omitempty" jsonschema:"example=combined"`
	// Grok are formats of your own: a name for lines, and a pattern such as
	// %{IP:client.address} %{GREEDYDATA:message}. A pattern may use the others by name.
	Grok map[string]string `yaml:"grok,omitempty"`
	// Objects says how the objects of S3 are written whose lines are the documents, where
	// their content and name do not tell (docs/objects.md).
	Objects Objects `yaml:"objects,omitempty"`
	// Mapping holds rule sets that put records right before anything below looks at them:
	// names, types, personal data (docs/mapping.md). They apply in the file's order.
	Mapping []mapping.Rules `yaml:"mapping,omitempty"`
	// Envelope is the dialect of change messages (docs/cdc.md): canal, dms, dynamodb,
	// debezium, maxwell, sluice (the outbox of docs/rows.md). Without: each message's shape tells; a document that is append_only
	// is always plain. The word none takes every body as it comes, with what SNS, EventBridge
	// or CloudWatch Logs wrapped around it (docs/wrappings.md).
	Envelope string `yaml:"envelope,omitempty" jsonschema:"enum=canal,enum=dms,enum=dynamodb,enum=debezium,enum=maxwell,enum=sluice,enum=none"`
	// ID is what a document's id is made of.
	ID ID `yaml:"id,omitempty"`
	// Time is where the event's time is.
	Time *Time `yaml:"time,omitempty"`
	// Version is where an entity's version is: a lower one never replaces a higher.
	Version *Version `yaml:"version,omitempty"`
	// Op is how a record says that its document is to be deleted.
	Op *Op `yaml:"op,omitempty"`
	// Fields are the fields by their dotted names; they become the index template.
	Fields map[string]Field `yaml:"fields"`
	// Dynamic is what becomes of a field that is not among the fields: false (kept and
	// returned, not searchable; the default), true (mapped by OpenSearch), strict (its
	// document is dead-lettered).
	Dynamic string `yaml:"dynamic,omitempty" jsonschema:"enum=false,enum=true,enum=strict"`
	// Index is the index policy: how many indices there are, what they are named, when
	// they are deleted.
	Index rotation.Config `yaml:"index"`
	// Search is what search may use.
	Search Search `yaml:"search,omitempty"`
	// Rows is the table whose rows a search returns in place of what is indexed (docs/rows.md).
	Rows *Rows `yaml:"rows,omitempty"`

	Policy rotation.Policy `yaml:"-" json:"-"`

	redactKey string
}

// Source names one place that records come from, by exactly one key.
type Source struct {
	// Queue is an SQS or RabbitMQ queue: its ARN, or its name alone for any of that name. A
	// RabbitMQ queue's ARN is its broker's, a slash, its name, two colons and its virtual host.
	Queue string `yaml:"queue,omitempty" jsonschema:"example=orders"`
	// Stream is a Kinesis stream: its ARN, or its name alone for any of that name.
	Stream string `yaml:"stream,omitempty" jsonschema:"example=orders"`
	// Topic is a Kafka topic: its ARN, or kafka://server/topic on a cluster of your own (by the
	// first of its servers in alphabetical order), or its name alone for any of that name.
	Topic string `yaml:"topic,omitempty" jsonschema:"example=orders"`
	// Table is what a change envelope calls its table: database.table, for PostgreSQL
	// schema.table, for DynamoDB dynamodb.table.
	Table string `yaml:"table,omitempty" jsonschema:"example=shop.orders"`
	// Bucket is an S3 bucket, whose objects' lines are the documents.
	Bucket string `yaml:"bucket,omitempty" jsonschema:"example=my-logs"`
	// Prefix is, with bucket, what the objects' keys begin with. The longest one decides.
	Prefix string `yaml:"prefix,omitempty" jsonschema:"example=AWSLogs/"`
}

// Objects says how objects of S3 are written.
type Objects struct {
	// Format is json (an object a line, objects on several lines, an array, or
	// {"Records": [...]}), csv (the first row names the columns) or lines. Without: the
	// content tells, then the name (.csv, .tsv) and the Content-Type.
	Format string `yaml:"format,omitempty" jsonschema:"enum=json,enum=csv,enum=lines"`
	// Delimiter is the character between two fields of csv. Default: a comma; a tab in .tsv.
	Delimiter string `yaml:"delimiter,omitempty" jsonschema:"example=;,maxLength=1"`
}

// ID says what a document's id is made of. Without fields it is the record's message
// attribute (or header) `id`, else its source position (SQS message id; Kinesis stream, shard
// id and sequence number; DynamoDB's stream and event id; Kafka cluster, topic, partition,
// offset and time; RabbitMQ broker, queue and message id; the id that SNS, EventBridge or
// CloudWatch Logs gave it; an object's bucket, key, version and the line's place), which
// stays the same when it is delivered again.
type ID struct {
	// Fields are those whose values make the id, joined if more than one.
	Fields []string `yaml:"fields,omitempty" jsonschema:"example=id"`
	// Separator joins the values. Default "|".
	Separator string `yaml:"separator,omitempty"`
}

// Time says where the event's time is and how it is written.
type Time struct {
	// Field is a field of type date.
	Field string `yaml:"field" jsonschema:"example=@timestamp"`
	// Formats are tried in turn: rfc3339, unix, unix_ms, unix_us, unix_ns, or a Go
	// layout such as 2006-01-02 15:04:05. Default rfc3339. A date that OpenSearch would not
	// read as it is written is stored in RFC 3339, unless its field has a format.
	Formats []string `yaml:"formats,omitempty" jsonschema:"example=rfc3339"`
	// Missing is what becomes of a document without it: dead_letter (default), or arrival
	// (it gets the time at which the source took it in).
	Missing string `yaml:"missing,omitempty" jsonschema:"enum=dead_letter,enum=arrival"`
}

// Version says where an entity's version is.
type Version struct {
	// Field holds an integer from 0 to 2^63-1: OpenSearch's external version.
	Field string `yaml:"field" jsonschema:"example=version"`
}

// Op says which value of which field means delete.
type Op struct {
	// Field is where the document says what happened.
	Field string `yaml:"field" jsonschema:"example=op"`
	// Delete lists the values that mean: delete the document.
	Delete []string `yaml:"delete" jsonschema:"example=delete"`
}

// Field is one field; it becomes the mapping of the index template.
type Field struct {
	// Type is OpenSearch's field type.
	Type string `yaml:"type" jsonschema:"example=keyword,enum=keyword,enum=text,enum=wildcard,enum=date,enum=long,enum=integer,enum=short,enum=byte,enum=unsigned_long,enum=double,enum=float,enum=scaled_float,enum=boolean,enum=ip,enum=object,enum=nested,enum=flat_object,enum=geo_point,enum=binary"`
	// Format is how a date is written, as OpenSearch names it. Default
	// strict_date_optional_time||epoch_millis.
	Format string `yaml:"format,omitempty"`
	// Column is how a change message without a schema writes the value: decimal(scale),
	// days, millis, micros, nanos, time_millis, time_micros, time_nanos, unsigned, bits, or
	// plain (as it stands). A number for a date field is dead-lettered without it.
	Column string `yaml:"column,omitempty" jsonschema:"example=decimal(2)"`
	// Mapping holds further mapping parameters, as OpenSearch names them.
	Mapping map[string]any `yaml:"mapping,omitempty"`
	// Doc is for people: shown by GET /v1/collections and in the page.
	Doc string `yaml:"doc,omitempty"`
}

// Search is what search may use.
type Search struct {
	// Default lists the text fields that a bare word is looked for in. Default: all.
	Default []string `yaml:"default,omitempty" jsonschema:"example=message"`
	// Hidden lists fields that are never searched, sorted by, or returned.
	Hidden []string `yaml:"hidden,omitempty" jsonschema:"example=customer.id"`
	// Sort is the default order: field:asc or field:desc. Default: newest first.
	Sort string `yaml:"sort,omitempty" jsonschema:"example=created_at:desc"`
	// Wildcards allows * and ? at the end of a term.
	Wildcards bool `yaml:"wildcards,omitempty"`
	// MaxRange is the longest time range of one search, such as 31d. Default: unlimited.
	MaxRange string `yaml:"max_range,omitempty" jsonschema:"example=31d"`
	// MaxSize is the most documents of one page, 1 to 10000. Default 1000.
	MaxSize int `yaml:"max_size,omitempty" jsonschema:"minimum=1,maximum=10000"`
	// Tenant is whose documents a caller sees: those of their own tenant only
	// (docs/search-safety.md). Default: all documents are shown to every caller.
	Tenant *Tenant `yaml:"tenant,omitempty"`
	// Cache lets searches be answered from what was found a moment ago. Default: each one asks OpenSearch.
	Cache *Cache `yaml:"cache,omitempty"`
	// Limits are what one search may cost (docs/search-safety.md).
	Limits Limits `yaml:"limits,omitempty"`
}

// Limits are what one search may cost, as far as it can be told before it runs. One that
// would cost more is refused with the way to narrow it.
type Limits struct {
	// Shards that are searched. Default 2000.
	Shards int `yaml:"shards,omitempty" jsonschema:"minimum=1,maximum=100000"`
	// Clauses are the single conditions that a search becomes: a bare word is one in each
	// default field. Default 1024, what OpenSearch takes in one query.
	Clauses int `yaml:"clauses,omitempty" jsonschema:"minimum=1,maximum=100000"`
	// Wildcards are conditions with * or ?, and prefixes. Default 64.
	Wildcards int `yaml:"wildcards,omitempty" jsonschema:"minimum=1,maximum=1024"`
	// Nesting is how deep conditions stand inside one another. Default 50.
	Nesting int `yaml:"nesting,omitempty" jsonschema:"minimum=1,maximum=100"`
	// Array is the longest list of values. Default 1024.
	Array int `yaml:"array,omitempty" jsonschema:"minimum=1,maximum=65536"`
	// Buckets of aggregations that the shards hand in. Default 65535, as OpenSearch's own
	// search.max_buckets.
	Buckets int `yaml:"buckets,omitempty" jsonschema:"minimum=1,maximum=10000000"`
}

// Tenant says whose a document is, and who is asking. No request gets round it: one
// without the claim is refused.
type Tenant struct {
	// Field is a keyword that holds the tenant of each document. A document without it is
	// shown to nobody.
	Field string `yaml:"field" jsonschema:"example=tenant.id"`
	// Claim is the claim of the caller's token that is compared with it, character by
	// character: one text.
	Claim string `yaml:"claim" jsonschema:"example=tenant_id"`
}

// Cache says how long an answer may be given again. Each such answer tells its age.
type Cache struct {
	// Fresh is how long an answer is given as it is: the most that a search lags behind what could be found. 0s: not at all.
	Fresh string `yaml:"fresh" jsonschema:"example=5s"`
	// Settled is how long it is given where its time range ended some minutes ago and nothing was written to its indices since. Default 1h; 0s: not at all.
	Settled string `yaml:"settled,omitempty" jsonschema:"example=1h"`
	// Stale is how long it is given, and told to be stale, when OpenSearch fails. Default 10m; 0s: not at all.
	Stale string `yaml:"stale,omitempty" jsonschema:"example=10m"`
	// Public lets a CDN keep answers to requests without an Authorization header, for everybody alike. Default false: only the caller's own browser may.
	Public bool `yaml:"public,omitempty"`
}

// Record is what a source says of one record, apart from its body.
type Record struct {
	Attribute string    // message attribute `collection`
	ARN       string    // the queue's, stream's or topic's ARN
	Table     string    // an envelope's database.table
	Bucket    string    // of the object that holds it; else empty
	Key       string    // of that object
	ID        string    // message attribute `id`
	Default   string    // the collection that takes it when nothing else claims it, before the set's default
	Position  string    // source position, unique within ARN and stable when delivered again
	Arrived   time.Time // when the source took it in; stable when delivered again

	Log *envelope.Log // of a log event, whose document is a line of text; else nil
}
