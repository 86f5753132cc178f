package bulk

import (
	"testing"

	"github.com/sluice-dev/sluice/shared/change"
)

func TestVerdictOfEveryAnswer(t *testing.T) {
	create := doc(change.Create, "1", change.NoVersion, "{}", daily)
	plainIndex := doc(change.Index, "1", change.NoVersion, "{}", single)
	versioned := doc(change.Index, "1", 7, "{}", single)
	remove := doc(change.Delete, "1", change.NoVersion, "", single)
	removeVersion := doc(change.Delete, "1", 7, "", single)
	for _, c := range []struct {
		name   string
		item   Item
		status int
		kind   string
		reason string
		want   Outcome
	}{
		{"created", create, 201, "", "", Stored},
		{"replaced", versioned, 200, "", "", Stored},
		{"deleted", remove, 200, "", "", Stored},
		{"a create delivered again", create, 409, "version_conflict_engine_exception", "", Duplicate},
		{"an older or equal version", versioned, 409, "version_conflict_engine_exception", "", Stale},
		{"an older delete", removeVersion, 409, "version_conflict_engine_exception", "", Stale},
		{"a conflict without version is a race", plainIndex, 409, "version_conflict_engine_exception", "", Retry},
		{"another 409", create, 409, "resource_already_exists_exception", "", Retry},
		{"a delete of what is not there", remove, 404, "", "", Gone},
		{"a delete of what is not there, versioned", removeVersion, 404, "", "", Gone},
		{"a delete without its index", remove, 404, "index_not_found_exception", "", Retry},
		{"an index that is missing", create, 404, "index_not_found_exception", "", Retry},
		{"any other 404", create, 404, "shard_not_found_exception", "", Retry},
		{"a full write queue", create, 429, "rejected_execution_exception", "", Retry},
		{"a full write queue, elder server", create, 429, "es_rejected_execution_exception", "", Retry},
		{"memory breaker", create, 429, "circuit_breaking_exception", "", Retry},
		{"memory breaker as 503", create, 503, "circuit_breaking_exception", "", Retry},
		{"full disk", create, 429, "cluster_block_exception", "TOO_MANY_REQUESTS/12", Retry},
		{"full disk, elder server", create, 403, "cluster_block_exception", "FORBIDDEN/12", Retry},
		{"write block", create, 403, "cluster_block_exception", "FORBIDDEN/8", Retry},
		{"no right to write", create, 403, "security_exception", "", Retry},
		{"bad gateway", create, 502, "", "", Retry},
		{"shards unavailable", create, 503, "unavailable_shards_exception", "", Retry},
		{"gateway timeout", create, 504, "", "", Retry},
		{"an unexpected error", create, 500, "null_pointer_exception", "", Retry},
		{"a value that does not fit", create, 400, "mapper_parsing_exception", "failed to parse field [n]", Rejected},
		{"a value that does not fit, later server", create, 400, "document_parsing_exception", "", Rejected},
		{"an unknown field under strict", create, 400, "strict_dynamic_mapping_exception", "", Rejected},
		{"an immense term", create, 400, "illegal_argument_exception", "Document contains at least one immense term", Rejected},
		{"too many fields", create, 400, "illegal_argument_exception", "Limit of total fields [1000] has been exceeded", Rejected},
		{"an alias without write index is our fault", create, 400, "illegal_argument_exception", "no write index is defined for alias [logs]", Retry},
		{"the shard limit is the cluster's state", create, 400, "validation_exception", "this cluster currently has [1000]/[1000] maximum shards open", Retry},
		{"a missing pipeline is the cluster's state", create, 400, "illegal_argument_exception", "pipeline with id [x] does not exist", Retry},
		{"a Serverless collection of the wrong kind", create, 400, "illegal_argument_exception", "Document ID is not supported in create/index operation request", Retry},
		{"a server that does not know our action line", create, 400, "illegal_argument_exception", "Action/metadata line [1] contains an unknown parameter [require_alias]", Retry},
		{"a closed index", create, 400, "index_closed_exception", "", Retry},
		{"a bare 400", create, 400, "", "", Retry},
		{"an item too large", create, 413, "", "", Rejected},
		{"a status nobody expects", create, 418, "teapot", "", Retry},
		{"none", create, 0, "", "", Retry},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := classify(&c.item, answer{Status: c.status, Type: c.kind, Reason: c.reason})
			if got.Outcome != c.want {
				t.Errorf("outcome %d, want %d", got.Outcome, c.want)
			}
		})
	}
}

func TestOnlyWhatMayHealSoonIsTriedAgainInside(t *testing.T) {
	for _, c := range []struct {
		status int
		kind   string
		want   bool
	}{
		{429, "rejected_execution_exception", true}, {503, "unavailable_shards_exception", true},
		{409, "version_conflict_engine_exception", true}, {0, "bad_reply", true},
		{429, "cluster_block_exception", true}, {403, "cluster_block_exception", true},
		{404, "index_not_found_exception", false}, {403, "security_exception", false}, {401, "", false},
	} {
		if got := (Verdict{Status: c.status, Type: c.kind}).soon(); got != c.want {
			t.Errorf("%d %s: soon is %t", c.status, c.kind, got)
		}
	}
}

// Whatever a server says of an item: only its own word that the item is wrong makes a dead
// letter, and only its word that the item is there, or superseded, a success.
func FuzzClassify(f *testing.F) {
	f.Add(uint8(0), int64(-1), 201, "", "", []byte(`{"a":1}`))
	f.Add(uint8(1), int64(7), 409, "version_conflict_engine_exception", "[1]: version conflict", []byte(`{}`))
	f.Add(uint8(0), int64(-1), 400, "mapper_parsing_exception", "failed to parse field [n] of type [long] in document with id '1'. Preview of field's value: 'x'", []byte(`{"n":"x"}`))
	f.Add(uint8(2), int64(3), 404, "", "", []byte(nil))
	f.Add(uint8(0), int64(0), 400, "illegal_argument_exception", "mapper [a.b] cannot be changed from type [long] to [text]", []byte(`{"a":{"b":[]}}`))
	f.Fuzz(func(t *testing.T, op uint8, version int64, status int, kind, reason string, body []byte) {
		item := &Item{Change: change.Change{ID: "1", Op: change.Op(op % 3), Version: version, Body: body}}
		v := classify(item, answer{Op: item.Op.String(), ID: "1", Status: status, Type: kind, Reason: reason})
		switch {
		case v.Outcome == Stored && status/100 != 2,
			v.Outcome == Rejected && status != 400 && status != 413,
			(v.Outcome == Duplicate || v.Outcome == Stale) && status != 409,
			v.Outcome == Gone && status != 404,
			v.Outcome == Duplicate && item.Op != change.Create,
			v.Outcome == Stale && item.Version == change.NoVersion:
			t.Errorf("%v of %d %s %s", v.Outcome, status, kind, reason)
		}
	})
}
