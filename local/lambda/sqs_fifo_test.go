package lambda

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

func TestFIFOGroupKeepsItsOrderWithOneBatchInFlight(t *testing.T) {
	t.Parallel()
	client, rec := sqsClient(), &recorder{}
	url := queue(t, client, map[string]string{"FifoQueue": "true", "VisibilityTimeout": "30"})
	f, _ := function(t, lambdatest.Config{Concurrency: 4}, "sleep 50ms")
	for i := range 30 {
		send(t, client, url, fmt.Sprintf("a:%02d", i), fmt.Sprintf("b:%02d", i))
	}
	stop := running(t, Queue{Client: client, URL: url, Function: f, BatchSize: 3, MaximumConcurrency: 4, ReportBatchItemFailures: true, Observe: rec.add}.Run)
	eventually(t, "the queue is empty", func() bool { return left(t, client, url) == "0+0" })
	stop()
	perGroup := map[string][]string{}
	for _, d := range rec.all() {
		for _, r := range records(t, d) {
			group := r.Attributes["MessageGroupId"]
			perGroup[group] = append(perGroup[group], r.Body)
			if r.Attributes["SequenceNumber"] == "" || r.Attributes["MessageDeduplicationId"] == "" {
				t.Fatalf("attributes %v", r.Attributes)
			}
		}
	}
	for group, list := range perGroup {
		if len(list) != 30 || !slices.IsSorted(list) {
			t.Errorf("group %s: %q", group, list)
		}
	}
}

func TestFIFOReportedRestOfAGroupComesAgainInOrderAndBlocksOnlyItsGroup(t *testing.T) {
	t.Parallel()
	client := sqsClient()
	url := queue(t, client, map[string]string{"FifoQueue": "true", "VisibilityTimeout": "5"})
	f, script := function(t, lambdatest.Config{}, "report a:2 a:3")
	var (
		mu   sync.Mutex
		seen []string
	)
	observe := func(d Delivery) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, bodies(t, d)...)
	}
	snapshot := func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(seen)
	}
	send(t, client, url, "a:1", "a:2", "a:3")
	stop := running(t, Queue{Client: client, URL: url, Function: f, ReportBatchItemFailures: true, MaximumConcurrency: 2, Observe: observe}.Run)
	eventually(t, "the first batch", func() bool { return len(snapshot()) == 3 })
	script(allGood)
	send(t, client, url, "a:4", "b:1")
	eventually(t, "the other group goes on", func() bool { return slices.Contains(snapshot(), "b:1") })
	if slices.Contains(snapshot(), "a:4") {
		t.Error("a:4 overtook the reported ones")
	}
	eventually(t, "the queue is empty", func() bool { return left(t, client, url) == "0+0" })
	stop()
	inGroup := slices.DeleteFunc(snapshot(), func(s string) bool { return !strings.HasPrefix(s, "a:") })
	if got := strings.Join(inGroup, " "); got != "a:1 a:2 a:3 a:2 a:3 a:4" {
		t.Errorf("delivered %s", got)
	}
}
