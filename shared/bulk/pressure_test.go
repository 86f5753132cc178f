package bulk_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/fault"
)

func many(n int) (items []bulk.Item) {
	for i := range n {
		items = append(items, create(fmt.Sprint(i), `{"message":"`+fmt.Sprint(i)+`"}`))
	}
	return items
}

func sizes(c *bulktest.Cluster) (all []int) {
	for _, r := range c.Requests() {
		all = append(all, len(r.IDs))
	}
	return all
}

// bubble runs f where waits cost no time, and says how long they would have been.
func bubble(t *testing.T, f func(ctx context.Context)) (took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		f(ctx)
		took = time.Since(began)
	})
	return took
}

func TestWriterRemembersFromOneWriteToTheNextHowMuchIsTaken(t *testing.T) {
	cluster := bulktest.Cluster{Before: throttleOver(20_000)}
	w := bulk.NewWriter(limits, &cluster)
	bubble(t, func(ctx context.Context) { w.Write(ctx, many(1000)) })
	before, throttled := len(cluster.Requests()), 0
	for range 20 {
		bubble(t, func(ctx context.Context) {
			verdicts, stats := w.Write(ctx, many(1000))
			for _, v := range verdicts {
				if v.Outcome == bulk.Retry {
					t.Fatal(v)
				}
			}
			throttled += stats.Throttled
		})
	}
	sent := len(cluster.Requests()) - before
	t.Logf("%d of %d requests refused, window %.2f", throttled, sent, w.Window())
	if throttled*20 > sent {
		t.Errorf("%d of %d requests were refused, more than 5%%", throttled, sent)
	}
}

func TestWriterThatWasRefusedWaitsBeforeItSends(t *testing.T) {
	cluster := bulktest.Cluster{Before: func(int, []byte) *bulktest.Fault { return &bulktest.Fault{Status: 429, Reply: pressure} }}
	w := bulk.NewWriter(limits, &cluster)
	for range 5 {
		bubble(t, func(ctx context.Context) { w.Write(ctx, many(10)) })
	}
	before := len(cluster.Requests())
	took := bubble(t, func(ctx context.Context) {
		if verdicts, _ := w.Write(ctx, many(10)); verdicts[0].Outcome != bulk.Retry || verdicts[0].Status != 429 {
			t.Error(verdicts[0])
		}
	})
	if sent := len(cluster.Requests()) - before; took < 3*time.Second || sent > 6 {
		t.Errorf("%d requests in %s: a loop", sent, took)
	}
}

// A node of eight shards that takes two at a time never takes a whole request: were that a
// reason to go on waiting as long as after a refusal, it would take for ever.
func TestRepliesThatStoredSomethingShortenTheWait(t *testing.T) {
	down, seen := true, map[string]bool{}
	cluster := bulktest.Cluster{
		Before: func(int, []byte) *bulktest.Fault {
			if down {
				return &bulktest.Fault{Status: 429, Reply: pressure}
			}
			return nil
		},
		Refuse: func(i bulktest.Item) (int, string) {
			if n := len(seen); !seen[i.ID] && n%4 != 0 {
				seen[i.ID] = true
				return 429, "rejected_execution_exception"
			}
			seen[i.ID] = true
			return 0, ""
		},
	}
	w := bulk.NewWriter(limits, &cluster)
	for range 3 {
		bubble(t, func(ctx context.Context) { w.Write(ctx, many(10)) })
	}
	down = false
	took := bubble(t, func(ctx context.Context) {
		for _, v := range first(w.Write(ctx, many(400))) {
			if v.Outcome != bulk.Stored {
				t.Fatal(v)
			}
		}
	})
	if took > 12*time.Second {
		t.Errorf("waited %s", took)
	}
}

func first(verdicts []bulk.Verdict, _ bulk.Stats) []bulk.Verdict { return verdicts }

func TestSlowAnswersMakeRequestsSmaller(t *testing.T) {
	cluster := bulktest.Cluster{After: func(_ int, reply []byte) *bulktest.Fault {
		return &bulktest.Fault{Status: http.StatusOK, Reply: `{"took":6000` + string(reply[len(`{"took":1`):])}
	}}
	w := bulk.NewWriter(bulk.Config{MaxBytes: 5 << 20, MaxDocs: 1000, MaxTook: 5 * time.Second}, &cluster)
	bubble(t, func(ctx context.Context) {
		if verdicts, _ := w.Write(ctx, many(1750)); verdicts[1749].Outcome != bulk.Stored {
			t.Error(verdicts[1749])
		}
	})
	if got := sizes(&cluster); got[0] != 1000 || got[1] != 500 || got[2] != 250 {
		t.Errorf("requests of %v documents", got)
	}
}

func TestRefusedItemsSlowTheWriterDownUnlessTheyAreFew(t *testing.T) {
	for ending, want := range map[string]float64{"7": 1.0 / 16, "777": 1} {
		cluster := bulktest.Cluster{Refuse: func(i bulktest.Item) (int, string) {
			if strings.HasSuffix(i.ID, ending) {
				return 429, "rejected_execution_exception"
			}
			return 0, ""
		}}
		w := bulk.NewWriter(limits, &cluster)
		bubble(t, func(ctx context.Context) {
			if _, stats := w.Write(ctx, many(1500)); stats.Throttled < 6 {
				t.Error(stats)
			}
		})
		if w.Window() > want || want == 1 && w.Window() < 1 {
			t.Errorf("ids that end in %s: a window of %.2f", ending, w.Window())
		}
	}
}

func TestAFullDiskIsNoReasonToSendLess(t *testing.T) {
	cluster := bulktest.Cluster{Refuse: func(bulktest.Item) (int, string) { return 429, "cluster_block_exception" }}
	w := bulk.NewWriter(limits, &cluster)
	bubble(t, func(ctx context.Context) { w.Write(ctx, many(10)) })
	if w.Window() != 1 {
		t.Errorf("a window of %.2f", w.Window())
	}
}

func TestServersOwnWaitIsKeptIfItIsShort(t *testing.T) {
	for asked, want := range map[time.Duration]string{2 * time.Second: "S", time.Minute: "R"} {
		cluster := bulktest.Cluster{Before: func(n int, _ []byte) *bulktest.Fault {
			if n == 0 {
				return &bulktest.Fault{Err: &fault.Error{Kind: fault.Throttled, RetryAfter: asked}}
			}
			return nil
		}}
		var got string
		took := bubble(t, func(ctx context.Context) {
			verdicts, _ := bulk.NewWriter(limits, &cluster).Write(ctx, many(1))
			got = string("RS"[verdicts[0].Outcome])
		})
		if got != want || got == "S" && took < asked || got == "R" && took > 0 {
			t.Errorf("asked to wait %s: %s after %s", asked, got, took)
		}
	}
}

// Several invocations in one environment: after a refusal one request at a time.
func TestUnderPressureInvocationsOfAnEnvironmentTakeTurns(t *testing.T) {
	var mu sync.Mutex
	var under, most, sent int
	cluster := bulktest.Cluster{Before: func(int, []byte) *bulktest.Fault {
		mu.Lock()
		defer mu.Unlock()
		if sent++; sent <= 8 {
			return &bulktest.Fault{Status: 429, Reply: pressure}
		}
		if sent < 56 { // before the window is open again
			most = max(most, under)
		}
		return nil
	}}
	cluster.Hook = func(context.Context, int) {
		mu.Lock()
		under++
		mu.Unlock()
		time.Sleep(20 * time.Millisecond)
	}
	cluster.After = func(int, []byte) *bulktest.Fault {
		mu.Lock()
		defer mu.Unlock()
		under--
		return nil
	}
	bubble(t, func(ctx context.Context) {
		w := bulk.NewWriter(bulk.Config{MaxBytes: 5 << 20, MaxDocs: 10}, counting{&cluster, &mu, &under})
		var loops sync.WaitGroup
		for range 8 {
			loops.Go(func() { w.Write(ctx, many(20)) })
		}
		loops.Wait()
	})
	if most != 1 {
		t.Errorf("%d requests under way at once", most)
	}
}

// counting takes the refused ones off the count, which After does not see.
type counting struct {
	*bulktest.Cluster
	mu    *sync.Mutex
	under *int
}

func (c counting) Bulk(ctx context.Context, body []byte) (int, []byte, error) {
	status, reply, err := c.Cluster.Bulk(ctx, body)
	if status == http.StatusTooManyRequests {
		c.mu.Lock()
		*c.under--
		c.mu.Unlock()
	}
	return status, reply, err
}

// An object's lines are written up to the invocation's end, every time. Were the request that
// it cuts off a slow one, each invocation would bring less forward than the one before.
func TestTheInvocationsEndIsNoSlowAnswer(t *testing.T) {
	for left, want := range map[time.Duration]float64{3 * time.Second: 1, 30 * time.Second: 0.5} {
		late := bulktest.Cluster{Before: func(int, []byte) *bulktest.Fault {
			return &bulktest.Fault{Err: fault.New(fault.Timeout, "no answer in time")}
		}}
		w := bulk.NewWriter(bulk.Config{MaxBytes: 1 << 20, MaxDocs: 100, MaxTook: 5 * time.Second}, &late)
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), left)
			defer cancel()
			w.Write(ctx, many(100))
		})
		if got := w.Window(); got != want {
			t.Errorf("with %s left: window %v, want %v", left, got, want)
		}
	}
}
