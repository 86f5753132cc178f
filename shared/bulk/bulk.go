// Package bulk writes changes to OpenSearch's _bulk and gives back one verdict per
// item, at the item's position. encode.go makes NDJSON, classify.go is where a bulk
// item's fate is decided, writer.go bounds, splits, bisects and retries within the
// deadline. It refuses to guess: an item whose answer is missing, short or unreadable
// is not stored.
package bulk

import (
	"context"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// Item is one change and where it goes.
type Item struct {
	change.Change
	Target rotation.Target
	// Tombstone, if a delete has one, is written in the document's place.
	Tombstone []byte
}

// action is the bulk action.
func (i *Item) action() string {
	if i.Tombstone != nil {
		return change.Index.String()
	}
	return i.Op.String()
}

// Outcome is an item's fate.
type Outcome uint8

const (
	Retry     Outcome = iota // not stored now, may be later: report the record as failed
	Stored                   // stored now
	Duplicate                // a create that was stored before: success
	Stale                    // a newer version is stored: success
	Gone                     // a delete of what is not there: success
	Rejected                 // can never be stored: dead letter
)

// Verdict is an item's fate and why.
type Verdict struct {
	Outcome Outcome
	Status  int    // the item's (or the request's) HTTP status, 0 if there was none
	Type    string // OpenSearch's error type or ours, e.g. "mapper_parsing_exception", "id_too_long"
	Reason  string // OpenSearch's reason or ours; may hold field names, no document bodies beyond what OpenSearch quotes
}

// Transport sends one _bulk body and returns the reply, whatever its status. A reply
// that was cut short is an error. Errors are fault kinds: Unavailable, Timeout, Throttled.
type Transport interface {
	Bulk(ctx context.Context, body []byte) (status int, reply []byte, err error)
}
