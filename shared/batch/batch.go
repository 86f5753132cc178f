// Package batch turns verdicts on records into an event source's partial batch
// answer. It knows order, not AWS: what it returns is the list of ids to report.
// It refuses to report an id that was not in the batch, or to return nil: a null
// list tells Lambda that everything succeeded. Called by ingest, once an invocation.
package batch

import "slices"

// Record is one record of a batch and whether it has to come again.
type Record struct {
	ID     string // what the source's answer calls it
	Group  string // records of one group are in order; only PerGroup looks at it
	Failed bool
}

// Answer picks the ids to report. Never nil, each id once.
type Answer func([]Record) []string

// Independent reports the failed records: a queue without order.
func Independent(records []Record) []string {
	failed := make([]string, 0)
	for _, r := range records {
		if r.Failed {
			failed = append(failed, r.ID)
		}
	}
	return once(failed)
}

// once drops what is listed already: a queue may deliver a message twice in one batch.
func once(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	return slices.DeleteFunc(ids, func(id string) bool {
		listed := seen[id]
		seen[id] = true
		return listed
	})
}
