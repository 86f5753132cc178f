// Package deadletter is the note that a dead letter carries in its message attribute
// `sluice`: what its record was, where it came from and what became of it so far.
// ingest writes it and reads it back when the letter is redriven; `local dead-letters`
// reads it to show and to filter. SQS allows ten attributes in all, so the bookkeeping
// shares one, and the producer's own keep their places. It refuses a text that is not
// such a note: the attribute is then somebody else's.
package deadletter

import (
	"encoding/json"
	"strings"
)

// Names of the message attributes that are ours. The first four are for people and for
// whoever reads a dead letter without knowing of the note.
const (
	Cause      = "cause"
	Type       = "type"
	Collection = "collection"
	ID         = "id"
	Attribute  = "sluice"
)

// Note is everything about a dead letter that is not for people at first sight.
type Note struct {
	Source   string `json:"source,omitempty"`   // ARN of the queue, stream or object that the record came from
	Position string `json:"position,omitempty"` // there: message id; stream, shard and sequence number
	Group    string `json:"group,omitempty"`    // its message group
	Arrived  int64  `json:"arrived,omitempty"`  // first seen: when its source took it in, in ms
	Died     int64  `json:"died,omitempty"`     // when it was first dead-lettered, in ms
	Attempts int    `json:"attempts,omitempty"` // how often it was dead-lettered
	Encoding string `json:"encoding,omitempty"` // message.Base64: the body is that of its bytes
	Object   string `json:"object,omitempty"`   // key in the dead-letter bucket: the body is there
	Bytes    int    `json:"bytes,omitempty"`    // of the object

	Index    string `json:"index,omitempty"`    // of the document that was refused
	Document string `json:"document,omitempty"` // its id
	Version  *int64 `json:"version,omitempty"`  // its external version

	// Named says that the producer itself named the collection. Otherwise the
	// attribute only tells people which it was, and the record finds its own again:
	// by its table, its source, or else Default, which took it then.
	Named   bool   `json:"named,omitempty"`
	Default string `json:"default,omitempty"`
}

// Parse reads the attribute's text.
func Parse(text string) (n Note, ok bool) {
	if !strings.HasPrefix(text, "{") {
		return n, false
	}
	err := json.Unmarshal([]byte(text), &n)
	return n, err == nil && n.Attempts > 0
}

// String is the attribute's text.
func (n Note) String() string {
	text, _ := json.Marshal(n) // strings and numbers only
	return string(text)
}
