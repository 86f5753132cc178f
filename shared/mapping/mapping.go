// Package mapping puts a document's fields right before it becomes a change: their
// names, then their values, as the rules of its collection say. Rules are compiled once;
// a document is rewritten in one pass over its raw JSON, so that what no rule names
// passes byte by byte and no number ever becomes a float. It refuses to guess: a value
// that a rule cannot convert is a Misfit, which names the field, the value's type and the
// rule, never the value. Called by collection, whose YAML holds the rules.
package mapping

import "encoding/json"

// Rules are one rule set. Each kind of rule comes at its turn, in the order of the keys
// below, wherever it stands in the file; several sets apply one after the other.
type Rules struct {
	// Sources are the queues, streams, topics (name or ARN) and tables (database.table) whose
	// records these rules are for. Default: all.
	Sources []string `yaml:"sources,omitempty" jsonschema:"example=legacy-orders"`
	// Drop lists fields to leave out, by the names that come in.
	Drop []string `yaml:"drop,omitempty" jsonschema:"example=internal"`
	// Rename gives fields another name or place: {cust_no: customer.id}. On the left are
	// the names that come in, on the right those that result.
	Rename map[string]string `yaml:"rename,omitempty"`
	// Flatten takes an object's fields, however deep, out of it, and joins the names by the
	// text on the right: {address: _} makes address_city. The word none takes them out one
	// level and leaves their own names.
	Flatten map[string]string `yaml:"flatten,omitempty"`
	// Case is how every name is written that comes in and is not renamed: snake (user_id)
	// or camel (userId).
	Case string `yaml:"case,omitempty" jsonschema:"enum=snake,enum=camel"`
	// Verbatim lists objects, by the names that come in, inside of which names are data
	// (labels, headers) and keep their case.
	Verbatim []string `yaml:"verbatim,omitempty" jsonschema:"example=labels"`
	// Copy makes further fields: {new: from}. From here on, every rule speaks of the
	// names that result. A copy has the value that came in and rules of its own.
	Copy map[string]string `yaml:"copy,omitempty"`
	// Split cuts text into a list, or into fields.
	Split map[string]Split `yaml:"split,omitempty"`
	// Enum replaces values by a table: {status: {1: new, 2: paid}}. The entry "*" takes all
	// others; without it they are dead-lettered.
	Enum map[string]map[string]json.RawMessage `yaml:"enum,omitempty"`
	// Type is what a field's values become: string, integer, decimal (every digit stays), or
	// boolean (true, yes, on, y, t, 1 and their opposites).
	Type map[string]string `yaml:"type,omitempty" jsonschema:"enum=string,enum=integer,enum=decimal,enum=boolean"`
	// Date makes RFC 3339 dates of values in one of the formats, tried in turn: rfc3339, unix,
	// unix_ms, unix_us, unix_ns, or a Go layout such as 02/01/2006 15:04 (UTC where it has
	// no zone).
	Date map[string][]string `yaml:"date,omitempty" jsonschema:"example=unix_ms"`
	// Redact hides personal data.
	Redact map[string]Redact `yaml:"redact,omitempty"`
	// Default is the value of a field that is missing or null, as it is written here.
	Default map[string]json.RawMessage `yaml:"default,omitempty"`
	// Expr is the way out where no rule says it: a field's value is what an expression over
	// doc, the document as the other rules leave it, comes to (docs/expressions.md). A
	// field whose expression is nil is left out.
	Expr map[string]string `yaml:"expr,omitempty"`
	// Examples show what the rules do. They are run whenever the file is read: one that
	// does not come out is a mistake of the file.
	Examples []Example `yaml:"examples"`
}

// Split says how text is cut. Parts are trimmed, empty ones left out.
type Split struct {
	// By is the text between two parts. Default: white space.
	By string `yaml:"by,omitempty" jsonschema:"example=;"`
	// Into are the fields that get the parts, the last one the whole rest; the field itself
	// is gone. Default: the field becomes a list.
	Into []string `yaml:"into,omitempty" jsonschema:"example=first_name"`
}

// Redact hides a value, by hash or by mask; null stays, objects are dead-lettered.
type Redact struct {
	// Hash is the algorithm of a keyed hash (HMAC), in hexadecimal: equal values stay equal
	// and can be searched for, but not be found by trying without REDACT_KEY.
	Hash string `yaml:"hash,omitempty" jsonschema:"enum=hmac-sha256,enum=hmac-sha512"`
	// Mask is the text that stands in for what is hidden.
	Mask string `yaml:"mask,omitempty" jsonschema:"example=***"`
	// KeepFirst is how many characters a mask leaves at the beginning.
	KeepFirst int `yaml:"keep_first,omitempty" jsonschema:"minimum=1"`
	// KeepLast is how many characters a mask leaves at the end. If it would leave more than
	// half of the value in all, it leaves none.
	KeepLast int `yaml:"keep_last,omitempty" jsonschema:"minimum=1"`
}

// Example is a document before and after.
type Example struct {
	// Input is the document as it comes in.
	Input json.RawMessage `yaml:"input"`
	// Want is what the rules make of it: the same fields in any order, the same literals.
	Want json.RawMessage `yaml:"want,omitempty"`
	// Fails is, instead of want, the field for which the document is dead-lettered.
	Fails string `yaml:"fails,omitempty" jsonschema:"example=total"`
}

// Config is the part of the environment that rules need.
type Config struct {
	// Key of the hashes that redact rules make. Required where a collection's rules hash;
	// another key makes other hashes of the same values.
	RedactKey string `env:"REDACT_KEY"`
}
