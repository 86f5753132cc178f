package bulk

import (
	"net/http"
	"strings"

	"github.com/sluice-dev/sluice/shared/change"
)

// answer is what OpenSearch said of one item, or of a whole request.
type answer struct {
	Op, ID string // echoed; empty for a request
	Status int
	Type   string
	Reason string
}

// classify is where an item's fate is decided. What is not known for certain to be
// stored, or never storable, is Retry.
func classify(item *Item, a answer) Verdict {
	v := Verdict{Outcome: Retry, Status: a.Status, Type: a.Type, Reason: a.Reason}
	switch {
	case a.Status >= 200 && a.Status < 300:
		v.Outcome = Stored
	case a.Status == http.StatusNotFound && a.Type == "" && item.Op == change.Delete:
		v.Outcome = Gone
	case a.Status == http.StatusConflict && conflict(a.Type):
		v.Outcome = conflicting(item)
	case a.Status == http.StatusRequestEntityTooLarge:
		v.Outcome = Rejected
	case a.Status == http.StatusBadRequest && !environmental(a):
		v.Outcome = Rejected
		v.Reason, _, _ = strings.Cut(a.Reason, " The prefix of the first immense term") // which is a value
		if c, ok := conflictOf(a.Reason, item.Body); ok {
			v.Reason = c
		}
	}
	return v
}

func conflict(kind string) bool { return kind == "version_conflict_engine_exception" }

// conflicting: what stands in the way of a create is the same document, delivered
// before; of an external version, that version or a newer one.
func conflicting(item *Item) Outcome {
	switch {
	case item.Op == change.Create:
		return Duplicate
	case item.Version != change.NoVersion:
		return Stale
	}
	return Retry
}

// environmental says of a 400 that it is the cluster's state, which someone can put
// right, and not the document: those are never dead-lettered.
func environmental(a answer) bool {
	switch plain(a.Type) {
	case "", "cluster_block_exception", "index_closed_exception", "index_not_found_exception",
		"security_exception", "rejected_execution_exception", "circuit_breaking_exception":
		return true
	}
	for _, part := range [...]string{
		"no write index is defined", "maximum shards open", "maximum normal shards open",
		"are allowed in data streams", "pipeline with id",
		"Document ID is not supported",  // by a Serverless collection for time series or vectors
		"contains an unknown parameter", // in our action line
	} {
		if strings.Contains(a.Reason, part) {
			return true
		}
	}
	return false
}

// plain drops the prefix that some servers put before an exception's name.
func plain(kind string) string {
	return strings.TrimPrefix(strings.TrimPrefix(kind, "es_"), "opensearch_")
}

// IndexMissing says that the item's index or alias is not there: to be created, then
// the item sent again.
func (v Verdict) IndexMissing() bool {
	return v.Outcome == Retry && plain(v.Type) == "index_not_found_exception"
}

// Misconfigured says that only a person can put right what stands in the way.
func (v Verdict) Misconfigured() bool {
	return v.Outcome == Retry && (v.Status >= 400 && v.Status <= 404) && plain(v.Type) != "cluster_block_exception"
}

// soon says that the item may be stored a moment later, so that trying again inside
// the invocation makes sense: also behind a block, which a passing change of settings
// sets too. A missing index or right outlasts it.
func (v Verdict) soon() bool {
	if v.Outcome != Retry {
		return false
	}
	return plain(v.Type) == "cluster_block_exception" || v.Status == 0 || v.Status == http.StatusConflict || v.Status == http.StatusTooManyRequests || v.Status >= 500
}

// throttled says that OpenSearch had no room for the item: not that a disk is full.
func (v Verdict) throttled() bool {
	return v.Status == http.StatusTooManyRequests && plain(v.Type) != "cluster_block_exception"
}

// Unknown says that no answer tells what became of the item: it may be stored.
func (v Verdict) Unknown() bool {
	return v.Outcome == Retry && !v.Held() && (v.Status == 0 || v.Status >= 500)
}

const heldBack = "held_back"

// Held says that the item waits behind an earlier change to the same document.
func (v Verdict) Held() bool { return v.Outcome == Retry && v.Type == heldBack }
