package main

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/message"
)

// aggregated is a record that awslabs' aggregator has made; see shared/envelope/kpl_test.go.
func aggregated(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../../shared/envelope/testdata/kpl/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const streamPosition = "ingest:shardId-000000000000:"

// four.bin holds two messages, an empty record and one that is no text.
func TestAggregatedRecordsAreDocumentsOfTheirOwn(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	payload := kinesisEvent([]byte(`{"message":"plain"}`), aggregated(t, "four.bin"))
	for range 2 {
		if failed := h.failures(t, payload); failed != nil {
			t.Fatalf("failed %q", failed)
		}
	}
	want := []string{streamPosition + "100", streamPosition + "101.0", streamPosition + "101.1"}
	if got := slices.Sorted(maps.Keys(h.cluster.Documents("logs-2026-05-17.write"))); !slices.Equal(got, want) {
		t.Errorf("documents %q", got)
	}
	if !strings.Contains(h.out.String(), `"records":5`) || !strings.Contains(h.out.String(), `"empty":1`) {
		t.Errorf("log %s", h.out.String())
	}
}

func TestFailedRecordOfAnAggregatedOneFailsIt(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	h.cluster.Refuse = func(i bulktest.Item) (int, string) {
		if strings.Contains(i.Body, "two") {
			return 429, "rejected_execution_exception"
		}
		return 0, ""
	}
	payload := kinesisEvent([]byte(`{"message":"plain"}`), aggregated(t, "four.bin"), []byte(`{"message":"after"}`))
	if diff := cmp.Diff([]string{"101"}, h.failures(t, payload)); diff != "" {
		t.Error(diff)
	}
	if len(h.queue.letters) > 0 {
		t.Errorf("dead letters %q before the record comes again", h.queue.brief("type"))
	}
	h.refusing("")
	if failed := h.failures(t, payload); failed != nil || len(h.queue.letters) != 1 || len(h.cluster.Documents("logs-2026-05-17.write")) != 4 {
		t.Errorf("failed %q, dead letters %q", failed, h.queue.brief("type"))
	}
}

func TestPoisonOfAnAggregatedRecordIsDeadLetteredAlone(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	h.refusing("two")
	if failed := h.failures(t, kinesisEvent(aggregated(t, "four.bin"))); failed != nil {
		t.Fatalf("failed %q", failed)
	}
	want := []string{
		`{"message":"two"} | mapper_parsing_exception | logs | ` + streamPosition + "100.1",
		"/wAgbm90IHRleHQ= | not_json | logs | " + streamPosition + "100.3",
	}
	if diff := cmp.Diff(want, h.queue.brief("type", "collection", "id")); diff != "" || h.queue.note(t, 1).Encoding != message.Base64 {
		t.Fatal(diff)
	}
	h.queue.letters = h.queue.letters[:1]
	h.refusing("")
	h.settled(t, h.redriven())
	if got := slices.Sorted(maps.Keys(h.cluster.Documents("logs-2026-05-17.write"))); !slices.Equal(got, []string{streamPosition + "100.0", streamPosition + "100.1"}) {
		t.Errorf("documents %q", got)
	}
}

// A record whose digest fails is one of its own, as it is for the Kinesis Client Library:
// here it is no text either.
func TestAggregatedRecordThatFailsItsDigestIsDeadLetteredAsItCame(t *testing.T) {
	h := newHarness(t)
	h.collections = fallback(t, h)
	data := aggregated(t, "four.bin")
	data[len(data)-1] ^= 1
	if failed := h.failures(t, kinesisEvent(data)); failed != nil || len(h.queue.letters) != 1 || !strings.HasSuffix(h.queue.brief("id")[0], "| "+streamPosition+"100") {
		t.Errorf("failed %q, dead letters %q", failed, h.queue.brief("id"))
	}
}

func TestMaxwellsAggregatedChangesBecomeRows(t *testing.T) {
	h := newHarness(t)
	h.use(t, ordersOf("sources: [{table: shop.orders}]\n"+idField))
	h.settled(t, kinesisEvent(aggregated(t, "maxwell.bin")))
	want := map[string]string{}
	single := newHarness(t)
	single.use(t, ordersOf("sources: [{table: shop.orders}]\n"+idField))
	for _, name := range []string{"insert", "update-position", "delete", "key-change"} {
		single.settled(t, kinesisEvent(maxwell(t, name)))
	}
	for id, body := range single.cluster.Documents("orders") {
		want[id] = body
	}
	if len(want) == 0 {
		t.Fatal("the messages left no row")
	}
	h.holds(t, "orders", want)
}

func maxwell(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../shared/envelope/testdata/maxwell/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var wrapped struct{ Value json.RawMessage }
	if err := json.Unmarshal(text, &wrapped); err != nil {
		t.Fatal(err)
	}
	return wrapped.Value
}
