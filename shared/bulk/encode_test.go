package bulk

import (
	"bytes"
	"testing"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/golden"
	"github.com/sluice-dev/sluice/shared/rotation"
)

var (
	daily  = rotation.Target{Name: "logs-2026-05-17.write", Index: "logs-2026-05-17", Alias: true}
	single = rotation.Target{Name: "orders", Index: "orders-000001", Alias: true}
	stream = rotation.Target{Name: "audit"}
)

func doc(op change.Op, id string, version int64, body string, target rotation.Target) Item {
	item := Item{Target: target, Change: change.Change{ID: id, Op: op, Version: version}}
	if body != "" {
		item.Body = []byte(body)
	}
	return item
}

func tied(item Item) Item {
	item.Ties = true
	return item
}

func buried(item Item) Item {
	item.Tombstone = []byte(`{"deleted":1}`)
	return item
}

func TestActionLinesAreAsReviewed(t *testing.T) {
	var got []byte
	for _, item := range []Item{
		doc(change.Create, "shardId-000000000000:49663110", change.NoVersion, `{"message":"one"}`, daily),
		doc(change.Create, "versions mean nothing to create", 5, `{}`, stream),
		doc(change.Index, "A-1", change.NoVersion, `{"n":9007199254740993,"price":1.10}`, single),
		doc(change.Index, "A-1", 0, `{"id":"A-1"}`, single),
		doc(change.Delete, "A-1", 9223372036854775807, "", single),
		doc(change.Delete, "A-2", change.NoVersion, "", single),
		doc(change.Index, "a\"b\\c<d>&e /?#%+ é😀", 1, `{}`, single),
		doc(change.Index, "a\\Nb\n\t\u2028", 1, `{}`, single),
		tied(doc(change.Index, "A-1", 7, `{"n":1}`, single)),
		tied(doc(change.Delete, "A-1", 7, "", single)),
		buried(doc(change.Delete, "A-1", 8, "", single)),
		buried(tied(doc(change.Delete, "A-1", 9, "", single))),
	} {
		got = appendItem(got, &item)
	}
	got = appendGuard(got, "orders")
	golden.Check(t, "testdata/bulk.ndjson.golden", string(got))
}

func BenchmarkAppendItem(b *testing.B) {
	item := doc(change.Create, "6513270e-269e-4d37-b2a7-4de452e6b438", change.NoVersion, `{"message":"`+string(bytes.Repeat([]byte("x"), 330))+`"}`, daily)
	buffer := make([]byte, 0, 1024)
	b.ReportAllocs()
	b.SetBytes(int64(len(item.Body)))
	for b.Loop() {
		buffer = appendItem(buffer[:0], &item)
	}
}
