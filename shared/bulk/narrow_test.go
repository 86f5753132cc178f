package bulk_test

import (
	"fmt"
	"testing"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/change"
)

const pressure = `{"error":{"type":"rejected_execution_exception","reason":"rejected execution of coordinating operation"},"status":429}`

func throttleOver(bytes int) func(int, []byte) *bulktest.Fault {
	return func(_ int, body []byte) *bulktest.Fault {
		if len(body) > bytes {
			return &bulktest.Fault{Status: 429, Reply: pressure}
		}
		return nil
	}
}

func TestRequestOverTheNodesMemoryIsSentInSmallerOnes(t *testing.T) {
	cluster := bulktest.Cluster{Before: throttleOver(1000)}
	var items []bulk.Item
	for i := range 100 {
		items = append(items, create(fmt.Sprint(i), `{"message":"`+fmt.Sprint(i)+`"}`))
	}
	got, _ := write(t, &cluster, limits, items...)
	if len(cluster.Documents("logs.write")) != 100 || len(cluster.Requests()) > 30 {
		t.Errorf("%s: %d stored by %d requests", got, len(cluster.Documents("logs.write")), len(cluster.Requests()))
	}
}

func TestClusterThatThrottlesAllIsSparedAHotLoop(t *testing.T) {
	cluster := bulktest.Cluster{Before: throttleOver(0)}
	var items []bulk.Item
	for i := range 1000 {
		items = append(items, create(fmt.Sprint(i), `{}`))
	}
	if got, _ := write(t, &cluster, limits, items...); got[0] != 'R' || got[999] != 'R' || len(cluster.Requests()) > 12 {
		t.Errorf("%c...%c after %d requests", got[0], got[999], len(cluster.Requests()))
	}
}

// Halved by a 413, its first half refused by a 429: the second half holds a later
// change to the same document and must not go first.
func TestNothingOvertakesWhatIsSentInSmallerRequests(t *testing.T) {
	cluster := bulktest.Cluster{Before: func(n int, _ []byte) *bulktest.Fault {
		return []*bulktest.Fault{{Status: 413}, {Status: 429, Reply: pressure}, nil, nil, nil, nil}[n]
	}}
	got, _ := write(t, &cluster, limits,
		index("1", change.NoVersion, `{"v":1}`), index("2", change.NoVersion, `{}`),
		index("3", change.NoVersion, `{}`), index("1", change.NoVersion, `{"v":2}`))
	if doc := cluster.Documents("orders")["1"]; got != "SSSS" || doc != `{"v":2}` {
		t.Errorf("%s, stored %s in the order %q", got, doc, sent(&cluster))
	}
}
