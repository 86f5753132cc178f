package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// node answers what copies ask, and remembers it.
type node struct {
	index  string // answer to GET; "": there is none
	calls  []string
	bodies []string
	left   []rotation.Index
	fail   string // method that fails
}

func (n *node) Do(_ context.Context, c client.Call) (client.Reply, error) {
	n.calls = append(n.calls, c.Method+" "+strings.Join(c.Path, "/"))
	if c.Method == n.fail {
		return client.Reply{}, fault.New(fault.Unavailable, "no answer")
	}
	switch {
	case c.Method == http.MethodPut:
		n.bodies = append(n.bodies, string(c.Body))
	case c.Method == http.MethodGet && n.index == "":
		return client.Reply{Status: http.StatusNotFound}, nil
	}
	return client.Reply{Status: http.StatusOK, Body: []byte(n.index)}, nil
}

func (n *node) Versions(_ context.Context, _ string, ids []string) ([]int64, error) {
	return slices.Repeat([]int64{change.NoVersion}, len(ids)), nil
}

func (n *node) Generations(context.Context, string) ([]rotation.Index, error) { return n.left, nil }

func (n *node) copies() *copies {
	return &copies{cluster: n, stored: n, names: map[string]string{}, now: func() time.Time { return noon }}
}

var noLog = slog.New(slog.DiscardHandler)

func TestACopyHasWhatDecidesAndNothingThatLeadsElsewhere(t *testing.T) {
	n := &node{index: `{
		"logs-000001":{"aliases":{"logs":{"is_write_index":false}},"mappings":{"dynamic":"strict"},"settings":{"index":{}}},
		"logs-000002":{"aliases":{"logs":{"is_write_index":true}},"mappings":{"dynamic":"false","_meta":{"sluice":{"collection":"logs"}},"properties":{"n":{"type":"long"}}},
			"settings":{"index":{"uuid":"u","creation_date":"1","number_of_replicas":"2","number_of_shards":"5","default_pipeline":"reroute","analysis":{"analyzer":{}},
			"mapping":{"total_fields":{"limit":"20"}},"plugins":{"index_state_management":{"policy_id":"p"}},"blocks":{"write":"true"}}}}}`}
	c := n.copies()
	target := rotation.Target{Name: "logs", Alias: true, WriteIndex: true}
	for range 2 {
		if err := c.Ensure(t.Context(), target, rotation.Template{}); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"settings":{"index":{"analysis":{"analyzer":{}},"default_pipeline":"_none","final_pipeline":"_none","mapping":{"total_fields":{"limit":"20"}},"number_of_replicas":0,"number_of_shards":1}},` +
		`"mappings":{"dynamic":"false","properties":{"n":{"type":"long"}}}}`
	if diff := cmp.Diff([]string{want}, n.bodies); diff != "" {
		t.Error(diff)
	}
	c.remove(t.Context(), noLog)
	if last := n.calls[len(n.calls)-1]; last != "DELETE "+c.names["logs"] || !strings.HasPrefix(c.names["logs"], copyPrefix) {
		t.Error(n.calls)
	}
}

func TestACopyOfAnIndexThatIsNotThereIsMadeFromItsTemplate(t *testing.T) {
	n := &node{}
	template := rotation.Template{Create: []byte(`{"settings":{"index":{"number_of_shards":3,"mapping.total_fields.limit":9,"refresh_interval":"1s"}},"mappings":{"_meta":{},"dynamic":"true","properties":{}}}`)}
	if err := n.copies().Ensure(t.Context(), rotation.Target{Name: "logs", Alias: true}, template); err != nil {
		t.Fatal(err)
	}
	want := `{"settings":{"index":{"default_pipeline":"_none","final_pipeline":"_none","mapping.total_fields.limit":9,"number_of_replicas":0,"number_of_shards":1}},"mappings":{"dynamic":"true","properties":{}}}`
	if diff := cmp.Diff([]string{want}, n.bodies); diff != "" {
		t.Error(diff)
	}
}

// A copy whose making was not answered may be there; one that a killed preview left is.
func TestCopiesAreRemovedWhateverHappened(t *testing.T) {
	n := &node{fail: http.MethodPut, left: []rotation.Index{
		{Name: copyPrefix + "old", Created: noon.Add(-2 * time.Hour)}, {Name: copyPrefix + "running", Created: noon.Add(-time.Minute)}, {Name: "another", Created: noon.Add(-2 * time.Hour)},
	}}
	c := n.copies()
	if err := c.Ensure(t.Context(), rotation.Target{Name: "logs"}, rotation.Template{Create: []byte("{}")}); fault.KindOf(err) != fault.Unavailable {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the time was up"))
	c.remove(context.WithoutCancel(ctx), noLog)
	var deleted []string
	for _, call := range n.calls {
		if name, ok := strings.CutPrefix(call, "DELETE "); ok {
			deleted = append(deleted, name)
		}
	}
	if diff := cmp.Diff([]string{copyPrefix + "old", c.names["logs"]}, deleted); diff != "" {
		t.Error(diff)
	}
}

// Whoever switches the preview on where records come loses none: no dead letter is
// sent, no object put, every record handed back.
func TestPreviewSendsNothingAndHandsEveryRecordBack(t *testing.T) {
	h := newHarness(t)
	p := &preview{h.handler, &node{}, &node{}}
	payload := sqsEvent(queueARN, event1(1), "orders→x", `orders→{"id":"1","version":1}`)
	reply, err := p.Invoke(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"m0", "m1", "m2"}, reported(t, payload, reply)); diff != "" {
		t.Error(diff)
	}
	want := `"records":[{"id":"m0","outcome":"stored","collection":"logs"},{"id":"m1","outcome":"refused","type":"not_json","cause":"not a JSON object","collection":"orders"},{"id":"m2","outcome":"stored","collection":"orders"}]`
	if !strings.Contains(string(reply), want) || len(h.queue.letters) != 0 || len(h.store.objects) != 0 || len(h.cluster.Documents("orders")) != 0 {
		t.Errorf("%s\n%d letters", reply, len(h.queue.letters))
	}
	n := &node{fail: http.MethodGet}
	p.cluster = n
	if reply, err = p.Invoke(t.Context(), payload); err != nil || !strings.Contains(string(reply), `{"id":"m0","outcome":"unknown","type":"unavailable"`) {
		t.Errorf("%v %s", err, reply)
	}
}
