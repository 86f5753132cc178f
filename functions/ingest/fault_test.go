package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/bulk/bulktest"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// Each fault, once for ever and once for the first request only: what is reported, and
// that redelivering it afterwards leaves every document there exactly once.
func TestIngestReportsExactlyWhatMustComeAgain(t *testing.T) {
	unreachable := fault.New(fault.Unavailable, "OpenSearch is unreachable")
	late := fault.New(fault.Timeout, "no answer in time")
	all := []string{"m0", "m1", "m2"}
	before := func(f bulktest.Fault) func(*bulktest.Cluster) {
		return func(c *bulktest.Cluster) { c.Before = func(int, []byte) *bulktest.Fault { return &f } }
	}
	after := func(f bulktest.Fault) func(*bulktest.Cluster) {
		return func(c *bulktest.Cluster) { c.After = func(int, []byte) *bulktest.Fault { return &f } }
	}
	item := func(body string, status int, kind string) func(*bulktest.Cluster) {
		return func(c *bulktest.Cluster) {
			c.Refuse = func(i bulktest.Item) (int, string) {
				if strings.Contains(i.Body, body) {
					return status, kind
				}
				return 0, ""
			}
		}
	}
	for _, c := range []struct {
		name string
		make func(*bulktest.Cluster)
		want []string
	}{
		{"connection reset before the bytes arrived", before(bulktest.Fault{Err: unreachable}), all},
		{"connection reset after the bytes arrived", after(bulktest.Fault{Err: unreachable}), all},
		{"timeout before", before(bulktest.Fault{Err: late}), all},
		{"timeout after", after(bulktest.Fault{Err: late}), all},
		{"truncated reply", after(bulktest.Fault{Status: 200, Reply: `{"took":1,"errors":false,"items":[{"create":{"_id":"m0","status":201}}`}), all},
		{"HTML instead of JSON", before(bulktest.Fault{Status: 200, Reply: "<html>hello</html>"}), all},
		{"429 on the request", before(bulktest.Fault{Status: 429}), all},
		{"503 on the request", before(bulktest.Fault{Status: 503}), all},
		{"401 on the request", before(bulktest.Fault{Status: 401, Reply: "Unauthorized"}), all},
		{"403 on the request", before(bulktest.Fault{Status: 403, Reply: `{"error":{"type":"security_exception"}}`}), all},
		{"429 on some items", item(`"1"`, 429, "rejected_execution_exception"), []string{"m1"}},
		{"flood stage on some items", item(`"1"`, 429, "cluster_block_exception"), []string{"m1"}},
		{"no right to one index", item(`"2"`, 403, "security_exception"), []string{"m2"}},
		{"index missing for ever", func(c *bulktest.Cluster) { c.Absent = func(string) bool { return true } }, all},
		{"400 with a proxy's page", before(bulktest.Fault{Status: 400, Reply: "<html>"}), all},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t)
			c.make(h.cluster)
			payload := sqsEvent(queueARN, event1(0), event1(1), event1(2))
			if diff := cmp.Diff(c.want, h.failures(t, payload)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(h.queue.letters) != 0 {
				t.Errorf("dead letters: %v", h.queue.brief("cause"))
			}
			h.cluster.Before, h.cluster.After, h.cluster.Refuse, h.cluster.Absent = nil, nil, nil, nil
			if again := h.failures(t, payload); again != nil {
				t.Errorf("delivered again: %v", again)
			}
			if n := len(h.cluster.Documents("logs-2026-05-17.write")); n != 3 {
				t.Errorf("%d documents", n)
			}
		})
	}
}

func TestIngestMendsWhatPassesWithinTheInvocation(t *testing.T) {
	for name, first := range map[string]bulktest.Fault{
		"truncated reply": {Status: 200, Reply: `{"items":[`}, "HTML": {Status: 200, Reply: "<html>"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t)
			h.cluster.After = func(n int, _ []byte) *bulktest.Fault {
				if n == 0 {
					return &first
				}
				return nil
			}
			if got := h.failures(t, sqsEvent(queueARN, event1(0), event1(1))); got != nil {
				t.Error(got)
			}
		})
	}
}

func TestIngestFindsTooLargeAndPoisonAlone(t *testing.T) {
	for name, answer := range map[string]bulktest.Fault{
		"413": {Status: 413},
		"400": {Status: 400, Reply: `{"error":{"type":"action_request_validation_exception","reason":"Validation Failed"},"status":400}`},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t)
			h.cluster.Before = func(_ int, body []byte) *bulktest.Fault {
				if strings.Contains(string(body), `"message":"2"`) {
					return &answer
				}
				return nil
			}
			got := h.failures(t, sqsEvent(queueARN, event1(0), event1(1), event1(2), event1(3)))
			if diff := cmp.Diff([]string{event1(2)}, h.queue.brief()); got != nil || diff != "" {
				t.Error(got, diff)
			}
			if n := len(h.cluster.Documents("logs-2026-05-17.write")); n != 3 {
				t.Errorf("%d documents", n)
			}
		})
	}
}

func TestIngestWritesNothingWhereTheIndexCannotBeEnsured(t *testing.T) {
	h := newHarness(t)
	h.fleet.refuse = func(target rotation.Target) error {
		if strings.Contains(target.Name, "05-17") {
			return errors.New("no cluster manager")
		}
		return nil
	}
	got := h.failures(t, sqsEvent(queueARN, event1(0), `{"@timestamp":"2026-05-16T00:00:00Z"}`, event1(2)))
	if diff := cmp.Diff([]string{"m0", "m2"}, got); diff != "" {
		t.Error(diff)
	}
	if n := len(h.cluster.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
	if len(h.fleet.ensured) != 2 {
		t.Errorf("asked for %v: once a target is enough", h.fleet.ensured)
	}
}

func TestIngestMakesADataStreamThatWentMissingAgainBeforeItWrites(t *testing.T) {
	h := newHarness(t)
	h.use(t, streamed)
	h.cluster.Absent = func(string) bool { return len(h.fleet.ensured) < 2 }
	if got := h.failures(t, sqsEvent(queueARN, event1(0))); got != nil || len(h.cluster.Requests()) != 1 {
		t.Error(got, len(h.cluster.Requests()))
	}
	if diff := cmp.Diff([]string{"logs"}, h.fleet.forgotten); diff != "" {
		t.Error(diff)
	}
}

func TestIngestMakesAnIndexThatWentMissingAgain(t *testing.T) {
	h := newHarness(t)
	h.cluster.Absent = func(string) bool { return len(h.fleet.forgotten) == 0 }
	if got := h.failures(t, sqsEvent(queueARN, event1(0), event1(1))); got != nil {
		t.Error(got)
	}
	if diff := cmp.Diff([]string{"logs-2026-05-17.write"}, h.fleet.forgotten); diff != "" || len(h.fleet.ensured) != 2 {
		t.Error(diff, h.fleet.ensured)
	}
}
