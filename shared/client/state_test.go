package client

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

var ordersWatch = rotation.Watch{Template: "sluice-orders", Name: "orders", Patterns: []string{"orders", "orders-*"}, Repository: "backup", Segments: true, Writes: true}

// stateOf answers each kind of question of State, those of changed instead.
func stateOf(t *testing.T, w rotation.Watch, changed map[string]step) (rotation.State, *script, error) {
	t.Helper()
	answers := []struct {
		uri string
		step
	}{
		{"/_index_template/", template200},
		{"/_cat/indices/", status(200, `[{"index":"orders-000003","status":"close","docs.count":null,"pri.store.size":null},{"index":"orders-000004","status":"open","docs.count":"12","pri.store.size":"2048"},{"index":"new","status":"open"}]`)},
		{"/_cat/segments/", status(200, `[{"index":"orders-000004","shard":"0","prirep":"p","id":"n1"},{"index":"orders-000004","shard":"0","prirep":"p","id":"n1"},{"index":"orders-000004","shard":"1","prirep":"p","id":"n1"},{"index":"orders-000004","shard":"0","prirep":"r","id":"n2"}]`)},
		{"/orders-*/_stats/docs", status(200, `{"indices":{"orders-000004":{"shards":{"0":[{"routing":{"primary":true},"seq_no":{"max_seq_no":9}},{"routing":{"primary":false},"seq_no":{"max_seq_no":9}}],"1":[{"routing":{"primary":true},"seq_no":{"max_seq_no":-1}}]}}}}`)},
		{"/_tasks", status(200, `{"nodes":{"n1":{"tasks":{"n1:1":{"description":"Force-merge indices [other, orders-000003], maxSegments[1], onlyExpungeDeletes[false]"}}}}}`)},
		{"/_plugins/_ism/", status(200, `{"orders-000003":{"index.plugins.index_state_management.policy_id":"theirs","policy_id":"theirs"},"orders-000004":{"index.plugins.index_state_management.policy_id":null},"total_managed_indices":1}`)},
		{"/_snapshot/", status(200, `{"snapshots":[{"snapshot":"s1","state":"SUCCESS","start_time_in_millis":1000,"indices":["orders-000003"]}]}`)},
		{"/_data_stream/", status(404, `{}`)},
		{"/orders", found200(left, moved, `"strange":{"aliases":{"orders-x":{}},"mappings":{"_meta":{"sluice":"theirs"}},"settings":{"index":{"uuid":"u"}}}`)},
	}
	s := serve(t, func(rw http.ResponseWriter, r *http.Request) {
		for prefix, answer := range changed {
			if strings.HasPrefix(r.URL.Path, prefix) {
				answer(rw, r)
				return
			}
		}
		for _, a := range answers {
			if strings.HasPrefix(r.URL.Path, a.uri) {
				a.step(rw, r)
				return
			}
		}
		t.Errorf("unexpected %s", r.URL)
	})
	state, err := ours(t, s.URL).State(t.Context(), w)
	return state, s, err
}

func TestStateIsReadInAHandfulOfCalls(t *testing.T) {
	state, s, err := stateOf(t, ordersWatch, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.count() != 8 {
		t.Errorf("%v", s.lines())
	}
	third, fourth, strange := state.Indices[0], state.Indices[1], state.Indices[2]
	switch {
	case state.Template != 7 || state.Hold != "" || len(state.Snapshots) != 1 || !state.Snapshots[0].Start.Equal(third.Created):
		t.Errorf("%+v", state)
	case !third.Closed || third.ISM != "theirs" || !third.Merging || third.Aliases["orders"] || third.UUID != "u-orders-000003" || third.Marker.Collection != "orders":
		t.Errorf("%+v", third)
	case fourth.Closed || fourth.Docs != 12 || fourth.Bytes != 2048 || fourth.Segments != 2 || fourth.Writes != 10 || fourth.ISM != "" || !fourth.Aliases["orders"] || fourth.Replicas != 1:
		t.Errorf("%+v", fourth)
	case strange.Marker.Collection != "" || !strange.Created.IsZero():
		t.Errorf("somebody else's _meta was taken for a marker, or no date for one: %+v", strange)
	}
}

func TestStateHoldsDeletesWhereItCannotTell(t *testing.T) {
	for name, changed := range map[string]map[string]step{
		"ism answers 403":          {"/_plugins/": status(403, `{"error":{"type":"security_exception"}}`)},
		"ism answers 400":          {"/_plugins/": status(400, `{"error":{"type":"illegal_argument_exception"}}`)},
		"ism answers HTML":         {"/_plugins/": status(200, `<html>`)},
		"ism answers otherwise":    {"/_plugins/": status(200, `{"orders-000003":{"policy_id":{"x":1}}}`)},
		"the stats answer 403":     {"/orders-*/_stats": status(403, `{"error":{"type":"security_exception"}}`)},
		"the repository is gone":   {"/_snapshot/": status(404, `{"error":{"type":"repository_missing_exception"}}`)},
		"the repository is broken": {"/_snapshot/": status(500, `{"error":{"type":"repository_exception"}}`)},
		"the repository babbles":   {"/_snapshot/": status(200, `<html>`)},
	} {
		state, _, err := stateOf(t, ordersWatch, changed)
		if err != nil || state.Hold == "" {
			t.Errorf("%s: %v, %q", name, err, state.Hold)
		}
	}
	state, _, err := stateOf(t, ordersWatch, map[string]step{"/_plugins/": status(400, `{"error":"no handler found for uri [/_plugins/_ism/explain/orders-*] and method [GET]"}`)})
	if err != nil || state.Hold != "" {
		t.Errorf("without ISM: %v, %q", err, state.Hold)
	}
}

func TestStateThatCannotBeReadIsAnError(t *testing.T) {
	for _, prefix := range []string{"/_index_template/", "/orders,", "/_cat/indices/", "/_cat/segments/", "/_tasks"} {
		_, _, err := stateOf(t, ordersWatch, map[string]step{prefix: status(403, `{}`)})
		wantKind(t, err, fault.Forbidden)
		_, _, err = stateOf(t, ordersWatch, map[string]step{prefix: status(200, `[[`)})
		wantKind(t, err, fault.Unavailable)
	}
	stream := ordersWatch
	stream.Stream = true
	if state, _, err := stateOf(t, stream, nil); err != nil || state.Stream != nil {
		t.Errorf("%v %+v", err, state.Stream)
	}
}

func TestStateAsksServerlessOnlyForWhatItHas(t *testing.T) {
	s := serve(t, template200, found200(moved), status(200, `[]`))
	c := ours(t, s.URL)
	c.cfg.Auth = AuthAOSS
	w := ordersWatch
	w.Repository = ""
	if _, err := c.State(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	wantRequests(t, s, 3)
}

func TestStateDoesNotNameClosedIndicesWhereThatIsAnError(t *testing.T) {
	hidden := strings.Replace(left, `"uuid"`, `"hidden":"true","uuid"`, 1) // which is closed
	_, s, err := stateOf(t, ordersWatch, map[string]step{"/orders,": found200(hidden, moved)})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Join(s.lines(), "\n")
	for path, named := range map[string]bool{"/_cat/indices/": true, "/_plugins/_ism/explain/": true, "/_cat/segments/": false, "/": false} {
		if strings.Contains(lines, "GET "+path+"orders-%2A%2Corders-000003") != named {
			t.Errorf("%s: %s", path, lines)
		}
	}
}

// Wildcards pass hidden indices over: unasked, one has no documents and no ISM policy.
func TestStateAsksForHiddenIndicesByName(t *testing.T) {
	hidden := strings.Replace(moved, `"uuid"`, `"hidden":"true","blocks":{"read_only":"true"},"uuid"`, 1)
	state, s, err := stateOf(t, ordersWatch, map[string]step{"/orders,": found200(left, hidden)})
	if err != nil {
		t.Fatal(err)
	}
	if !state.Indices[1].Hidden || !state.Indices[1].ReadOnly {
		t.Errorf("%+v", state.Indices[1])
	}
	for _, path := range []string{"/_cat/indices/", "/_cat/segments/", "/_plugins/_ism/explain/", "/"} {
		if want := "GET " + path + "orders-%2A%2Corders-000004"; !strings.Contains(strings.Join(s.lines(), "\n"), want) {
			t.Errorf("no %s in %v", want, s.lines())
		}
	}
}
