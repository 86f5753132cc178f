package client

import (
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/rotation"
)

func TestPurgeDeletesWithTheTombstonesOwnVersionsAndMakesNoIndex(t *testing.T) {
	s := serve(t, status(200, `{"hits":{"hits":[{"_id":"a<b","_version":9223372036854775807},{"_id":"2","_version":3}]}}`),
		status(200, `{"items":[{"delete":{"status":200}},{"delete":{"status":409,"error":{"type":"version_conflict_engine_exception"}}},{"update":{"status":404}}]}`))
	step := rotation.Step{Action: rotation.Purge, Index: "orders-000001", Before: time.UnixMilli(1700000000000)}
	if err := ours(t, s.URL).Apply(t.Context(), step, rotation.Template{}); err != nil {
		t.Fatal(err)
	}
	all := s.seen()
	if len(all) != 2 || !strings.Contains(string(all[0].body), `"lte":1700000000000`) || !strings.Contains(string(all[0].body), `"version":true`) {
		t.Fatalf("asked %v", all)
	}
	want := `{"delete":{"_index":"orders-000001","_id":"a\u003cb","version":9223372036854775807,"version_type":"external_gte"}}
{"delete":{"_index":"orders-000001","_id":"2","version":3,"version_type":"external_gte"}}
{"update":{"_index":"orders-000001","_id":"sluice:guard","require_alias":true}}
{"doc":{}}
`
	if string(all[1].body) != want || all[1].uri != "/orders-000001/_bulk?refresh=true" {
		t.Errorf("%s %s", all[1].uri, all[1].body)
	}
}

func TestPurgeSaysWhatIsNotDeleted(t *testing.T) {
	s := serve(t, status(200, `{"hits":{"hits":[{"_id":"1","_version":7}]}}`),
		status(200, `{"items":[{"delete":{"status":403,"error":{"type":"cluster_block_exception"}}}]}`))
	err := ours(t, s.URL).Apply(t.Context(), rotation.Step{Action: rotation.Purge, Index: "i"}, rotation.Template{})
	if err == nil || !strings.Contains(err.Error(), "403 cluster_block_exception") {
		t.Errorf("%v", err)
	}
}

func TestTheOldestTombstoneOfEachIndexIsKnown(t *testing.T) {
	s := serve(t, status(200, `{"aggregations":{"indices":{"buckets":[{"key":"a-1","oldest":{"value":1.7E12}},{"key":"else","oldest":{"value":1}}]}}}`), status(403, `{"error":{"type":"security_exception","reason":"no"}}`))
	c, all := ours(t, s.URL), []rotation.Index{{Name: "a-1"}, {Name: "a-2"}}
	if err := c.oldestDeletes(t.Context(), "a-*", all); err != nil || !all[0].OldestDelete.Equal(time.UnixMilli(1700000000000)) || !all[1].OldestDelete.IsZero() {
		t.Errorf("%v %v", all, err)
	}
	if err := c.oldestDeletes(t.Context(), "a-*", all); err == nil {
		t.Error("a refusal is no error")
	}
}
