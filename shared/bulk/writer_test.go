package bulk_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

var (
	logs   = rotation.Target{Name: "logs.write", Index: "logs", Alias: true}
	orders = rotation.Target{Name: "orders", Index: "orders-000001", Alias: true}
	limits = bulk.Config{MaxBytes: 5 << 20, MaxDocs: 1000}
)

func create(id, body string) bulk.Item {
	return bulk.Item{Target: logs, Change: change.Change{ID: id, Version: change.NoVersion, Body: []byte(body)}}
}

func index(id string, version int64, body string) bulk.Item {
	return bulk.Item{Target: orders, Change: change.Change{ID: id, Op: change.Index, Version: version, Body: []byte(body)}}
}

func remove(id string, version int64) bulk.Item {
	return bulk.Item{Target: orders, Change: change.Change{ID: id, Op: change.Delete, Version: version}}
}

// write runs in a bubble: waits cost no time.
func write(t *testing.T, cluster *bulktest.Cluster, config bulk.Config, items ...bulk.Item) (outcomes string, verdicts []bulk.Verdict) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		verdicts, _ = bulk.NewWriter(config, cluster).Write(ctx, items)
	})
	for _, v := range verdicts {
		outcomes += string("RSDOGX"[v.Outcome]) // Retry Stored Duplicate (O: stale) Gone (X: rejected)
	}
	return outcomes, verdicts
}

func sent(c *bulktest.Cluster) (all []string) {
	for _, r := range c.Requests() {
		all = append(all, strings.Join(r.IDs, " "))
	}
	return all
}

func TestRequestsStayWithinBytesAndDocuments(t *testing.T) {
	var cluster bulktest.Cluster
	items := make([]bulk.Item, 50)
	for i := range items {
		items[i] = create(fmt.Sprint("id-", i), `{"message":"`+strings.Repeat("x", i*20)+`"}`)
	}
	config := bulk.Config{MaxBytes: 2048, MaxDocs: 10}
	got, _ := write(t, &cluster, config, items...)
	if got != strings.Repeat("S", 50) {
		t.Error(got)
	}
	var ids []string
	for _, r := range cluster.Requests() {
		if len(r.Body) > config.MaxBytes || len(r.IDs) > config.MaxDocs {
			t.Errorf("%d bytes, %d documents", len(r.Body), len(r.IDs))
		}
		ids = append(ids, r.IDs...)
	}
	if len(ids) != 50 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 50 {
		t.Errorf("sent %d", len(ids))
	}
}

func TestTooLargeRequestIsHalvedDownToTheDocument(t *testing.T) {
	cluster := bulktest.Cluster{Before: func(_ int, body []byte) *bulktest.Fault {
		if len(body) > 400 {
			return &bulktest.Fault{Status: 413}
		}
		return nil
	}}
	got, verdicts := write(t, &cluster, limits,
		create("1", `{}`), create("2", `{"m":"`+strings.Repeat("x", 500)+`"}`), create("3", `{}`), create("4", `{}`), create("5", `{}`))
	if got != "SXSSS" || verdicts[1].Type != "too_large" {
		t.Error(got, verdicts[1])
	}
}

func TestDocumentOverTheLimitIsNeverSent(t *testing.T) {
	var cluster bulktest.Cluster
	got, verdicts := write(t, &cluster, bulk.Config{MaxBytes: 1024, MaxDocs: 10},
		create("1", `{}`), create("2", `{"m":"`+strings.Repeat("x", 1024)+`"}`), create("3", `{}`))
	if diff := cmp.Diff([]string{"1 3"}, sent(&cluster)); got != "SXS" || diff != "" || verdicts[1].Type != "document_too_large" {
		t.Error(got, verdicts[1], diff)
	}
}

func TestRequestRefusedWholeIsBisectedToThePoison(t *testing.T) {
	cluster := bulktest.Cluster{Before: func(_ int, body []byte) *bulktest.Fault {
		if strings.Contains(string(body), "poison") {
			return &bulktest.Fault{Status: 400, Reply: `{"error":{"type":"action_request_validation_exception","reason":"Validation Failed: 1: bad"},"status":400}`}
		}
		return nil
	}}
	got, verdicts := write(t, &cluster, limits, create("1", `{}`), create("2", `{}`), create("3", `{"m":"poison"}`), create("4", `{}`))
	if got != "SSXS" || verdicts[2].Reason != "Validation Failed: 1: bad" {
		t.Error(got, verdicts[2])
	}
}

func TestRefusalThatIsNotOpenSearchsDeadLettersNothing(t *testing.T) {
	for _, f := range []bulktest.Fault{
		{Status: 400, Reply: "<html>Bad Request</html>"}, {Status: 400}, {Status: 401, Reply: "Unauthorized"},
		{Status: 403, Reply: `{"error":{"type":"security_exception","reason":"no permissions"},"status":403}`},
		{Status: 404, Reply: `{"error":"no handler found"}`}, {Status: 302}, {Status: 500}, {Status: 503, Reply: "{}"}, {Status: 429},
	} {
		cluster := bulktest.Cluster{Before: func(int, []byte) *bulktest.Fault { return &f }}
		if got, _ := write(t, &cluster, bulk.Config{MaxBytes: 4096, MaxDocs: 1}, create("1", `{}`), create("2", `{}`)); got != "RR" {
			t.Errorf("%d: %s", f.Status, got)
		}
		want := 1
		if f.Status == 429 {
			want = 6
		}
		if n := len(cluster.Requests()); n != want {
			t.Errorf("%d: %d requests, want %d: nothing more can succeed", f.Status, n, want)
		}
	}
}

func TestOnlyThrottledItemsAreSentAgain(t *testing.T) {
	var times int
	cluster := bulktest.Cluster{Refuse: func(i bulktest.Item) (int, string) {
		if i.ID == "2" && times < 2 {
			times++
			return 429, "rejected_execution_exception"
		}
		return 0, ""
	}}
	got, _ := write(t, &cluster, limits, create("1", `{}`), create("2", `{}`), create("3", `{}`))
	if diff := cmp.Diff([]string{"1 2 3", "2", "2"}, sent(&cluster)); got != "SSS" || diff != "" {
		t.Error(got, diff)
	}
}

func TestThrottledForLongIsGivenBack(t *testing.T) {
	cluster := bulktest.Cluster{Refuse: func(i bulktest.Item) (int, string) { return 429, "rejected_execution_exception" }}
	if got, _ := write(t, &cluster, limits, create("1", `{}`)); got != "R" || len(cluster.Requests()) < 2 || len(cluster.Requests()) > 10 {
		t.Error(got, len(cluster.Requests()))
	}
}

func TestUnknownOutcomeIsSentAgainAndStoredOnce(t *testing.T) {
	for name, reply := range map[string]string{
		"HTML": "<html>", "cut": `{"took":1,"errors":false,"items":[{"create":{"_id":"1","status":201}}`,
		"short":   `{"items":[{"create":{"_id":"1","status":201}}]}`,
		"swapped": `{"items":[{"create":{"_id":"2","status":201}},{"create":{"_id":"1","status":201}}]}`,
		"other":   `{"items":[{"index":{"_id":"1","status":201}},{"create":{"_id":"2","status":201}}]}`,
		"long":    `{"items":[{"create":{"_id":"1","status":201}},{"create":{"_id":"2","status":201}},{"create":{"_id":"3","status":201}}]}`,
	} {
		cluster := bulktest.Cluster{After: func(n int, _ []byte) *bulktest.Fault {
			if n == 0 {
				return &bulktest.Fault{Status: 200, Reply: reply}
			}
			return nil
		}}
		if got, _ := write(t, &cluster, limits, create("1", `{}`), create("2", `{}`)); got != "DD" || len(cluster.Documents("logs.write")) != 2 {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestTransportFaultGivesAllBackAtOnce(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Unavailable, fault.Timeout, fault.Throttled} {
		cluster := bulktest.Cluster{Before: func(n int, _ []byte) *bulktest.Fault {
			if n == 1 {
				return &bulktest.Fault{Err: &fault.Error{Kind: kind, Message: "no answer", RetryAfter: time.Minute}}
			}
			return nil
		}}
		got, verdicts := write(t, &cluster, bulk.Config{MaxBytes: 4096, MaxDocs: 1}, create("1", `{}`), create("2", `{}`), create("3", `{}`))
		if got != "SRR" || verdicts[1].Type != kind.String() || verdicts[2].Type != "unsent" {
			t.Error(got, verdicts)
		}
	}
}

// firstOnce refuses the first item whose body says first.
func firstOnce() func(bulktest.Item) (int, string) {
	refused := false
	return func(i bulktest.Item) (int, string) {
		if refused || !strings.Contains(i.Body, "first") {
			return 0, ""
		}
		refused = true
		return 503, "unavailable_shards_exception"
	}
}

func TestChangesToOneDocumentKeepTheirOrder(t *testing.T) {
	cluster := bulktest.Cluster{Refuse: firstOnce()}
	got, _ := write(t, &cluster, bulk.Config{MaxBytes: 4096, MaxDocs: 2},
		index("x", change.NoVersion, `{"n":"first"}`), index("x", change.NoVersion, `{"n":"second"}`),
		index("y", change.NoVersion, `{}`), index("x", change.NoVersion, `{"n":"third"}`))
	if diff := cmp.Diff([]string{"x x", "y", "x x", "x"}, sent(&cluster)); got != "SSSS" || diff != "" {
		t.Error(got, diff)
	}
	if got := cluster.Documents("orders")["x"]; got != `{"n":"third"}` {
		t.Error(got)
	}
}

func TestLaterChangeWaitsBehindOneThatCannotBeStoredNow(t *testing.T) {
	cluster := bulktest.Cluster{Refuse: func(i bulktest.Item) (int, string) {
		if strings.Contains(i.Body, "first") {
			return 403, "security_exception"
		}
		return 0, ""
	}}
	got, verdicts := write(t, &cluster, bulk.Config{MaxBytes: 4096, MaxDocs: 1},
		index("x", change.NoVersion, `{"n":"first"}`), remove("x", change.NoVersion), index("y", change.NoVersion, `{}`))
	if got != "RRS" || !verdicts[1].Held() {
		t.Error(got, verdicts)
	}
}

func TestVersionsDecideWhateverTheOrder(t *testing.T) {
	var cluster bulktest.Cluster
	got, _ := write(t, &cluster, limits, index("x", 3, `{"n":3}`), index("x", 2, `{"n":2}`), remove("x", 1), index("x", 3, `{"n":3}`), remove("y", 5), index("y", 4, `{}`))
	if got != "SOOOGO" || cluster.Documents("orders")["x"] != `{"n":3}` || len(cluster.Documents("orders")) != 1 {
		t.Error(got, cluster.Documents("orders"))
	}
}

func TestChangesThatShareAVersionKeepTheirOrder(t *testing.T) {
	tied := func(item bulk.Item) bulk.Item { item.Ties = true; return item }
	cluster := bulktest.Cluster{Refuse: firstOnce()}
	got, _ := write(t, &cluster, limits, tied(index("x", 7, `{"n":"first"}`)), tied(index("x", 7, `{"n":"second"}`)), tied(index("x", 6, `{"n":"older"}`)))
	if got != "SSO" || cluster.Documents("orders")["x"] != `{"n":"second"}` {
		t.Error(got, cluster.Documents("orders"))
	}
}

func TestVersionedDeleteCannotMakeAnIndex(t *testing.T) {
	cluster := bulktest.Cluster{}
	write(t, &cluster, limits, remove("x", 1), remove("y", 1), index("z", 1, `{}`))
	if diff := cmp.Diff([]string{"x y z sluice:guard"}, sent(&cluster)); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsSentAfterTheDeadline(t *testing.T) {
	cluster := bulktest.Cluster{}
	ctx, cancel := context.WithCancel(t.Context())
	cluster.Hook = func(context.Context, int) { cancel() }
	verdicts, stats := bulk.NewWriter(bulk.Config{MaxBytes: 4096, MaxDocs: 1}, &cluster).Write(ctx, []bulk.Item{create("1", `{}`), create("2", `{}`)})
	if stats.Requests != 1 || verdicts[0].Outcome != bulk.Retry || verdicts[1].Outcome != bulk.Retry {
		t.Error(stats, verdicts)
	}
}

func TestIDsAreCheckedInBytesBeforeTheyAreSent(t *testing.T) {
	var cluster bulktest.Cluster
	got, verdicts := write(t, &cluster, limits, create("", `{}`), create(strings.Repeat("漢", 171), `{}`),
		create(strings.Repeat("x", 512), `{}`), create("a\xff", `{}`), index("v", -5, `{}`))
	if got != "XXSXX" || verdicts[0].Reason != "id empty" || verdicts[1].Reason != "id longer than 512 bytes (513)" {
		t.Error(got, verdicts)
	}
	if len(cluster.Requests()) != 1 {
		t.Error(len(cluster.Requests()), "requests")
	}
}

func TestConfigNamesEveryMistake(t *testing.T) {
	if err := limits.Validate(); err != nil {
		t.Error(err)
	}
	err := bulk.Config{MaxBytes: 20 << 20, MaxDocs: 0}.Validate()
	if err == nil || !strings.Contains(err.Error(), "BULK_MAX_BYTES") || !strings.Contains(err.Error(), "BULK_MAX_DOCS") {
		t.Error(err)
	}
}

func TestOnlyWhatIsCertainlyNotStoredIsSentAgainToAnIndexThatRolls(t *testing.T) {
	rolling := create("1", `{}`)
	rolling.Target = rotation.Target{Name: "metrics", Index: "metrics-000001", Alias: true, WriteIndex: true}
	short := &bulktest.Cluster{After: func(n int, _ []byte) *bulktest.Fault {
		if n == 0 {
			return &bulktest.Fault{Status: 200, Reply: `{"items":[]}`}
		}
		return nil
	}}
	if got, verdicts := write(t, short, limits, rolling); got != "R" || !verdicts[0].Unknown() || len(sent(short)) != 1 {
		t.Errorf("no answer: %s, sent %q", got, sent(short))
	}
	refusals := 0
	full := &bulktest.Cluster{Refuse: func(bulktest.Item) (int, string) {
		if refusals++; refusals == 1 {
			return 429, "rejected_execution_exception"
		}
		return 0, ""
	}}
	if got, _ := write(t, full, limits, rolling); got != "S" || len(sent(full)) != 2 {
		t.Errorf("429: %s, sent %q", got, sent(full))
	}
}
