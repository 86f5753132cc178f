package client

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// lines are the requests as they came, without lookFilter.
func (s *script) lines() []string {
	var out []string
	for _, r := range s.seen() {
		uri, _, _ := strings.Cut(r.uri, "?expand_wildcards")
		out = append(out, strings.TrimSpace(r.method+" "+uri+" "+string(r.body)))
	}
	return out
}

func wantLines(t *testing.T, s *script, want ...string) {
	t.Helper()
	if got := s.lines(); !slices.Equal(got, want) {
		t.Errorf("requests\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func wantLater(t *testing.T, err error, why string) {
	t.Helper()
	if later, ok := errors.AsType[*Later](err); !ok || !strings.Contains(later.Why, why) {
		t.Errorf("%v is not to be tried later: %s", err, why)
	}
}

// index is one entry of GET /{index}.
func index(name, collection, aliases string) string {
	return `"` + name + `":{"aliases":{` + aliases + `},"mappings":{"_meta":{"sluice":{"collection":"` + collection + `","template":7}}},` +
		`"settings":{"index":{"uuid":"u-` + name + `","creation_date":"1000","number_of_replicas":"1"}}}`
}

func found200(indices ...string) step { return status(200, "{"+strings.Join(indices, ",")+"}") }

var (
	ordersTemplate = rotation.Template{Name: "sluice-orders", Collection: "orders", Version: 7, Body: []byte(`{"t":1}`), Create: []byte(`{"settings":{},"mappings":{}}`)}
	rollStep       = rotation.Step{Action: rotation.Roll, Index: "orders-000004", From: "orders-000003", Alias: "orders", Body: []byte(`{"actions":[]}`)}
	dropStep       = rotation.Step{Action: rotation.Delete, Index: "orders-000001", UUID: "u-orders-000001"}

	written = index("orders-000003", "orders", `"orders":{"is_write_index":true}`)
	orphan  = index("orders-000004", "orders", ``)
	moved   = index("orders-000004", "orders", `"orders":{"is_write_index":true}`)
	left    = index("orders-000003", "orders", `"orders":{"is_write_index":false}`)

	lookRoll = "GET /orders%2Corders-000003%2Corders-000004"
	postRoll = `POST /orders/_rollover/orders-000004 {"settings":{},"mappings":{}}`
)

// What bears the name after a lost answer may be a new index: it is looked at, not deleted again.
func TestDeleteIsSentAgainOnlyForTheSameIndex(t *testing.T) {
	const look, drop = "GET /orders-000001", "DELETE /orders-000001"
	old := index("orders-000001", "orders", ``)
	anew := strings.Replace(old, "u-orders", "anew-orders", 1)
	for name, c := range map[string]struct {
		replies []step
		want    []string
		later   string
	}{
		"done, and gone":      {[]step{found200(old), status(504, ``), status(404, `{}`)}, []string{look, drop, look}, ""},
		"done, and made anew": {[]step{found200(old), reset, found200(anew)}, []string{look, drop, look}, "is not the index any more"},
		"not done":            {[]step{found200(old), status(503, ``), found200(old), ok}, []string{look, drop, look, drop}, ""},
	} {
		s := serve(t, c.replies...)
		err := ours(t, s.URL).Apply(t.Context(), dropStep, ordersTemplate)
		if c.later != "" {
			wantLater(t, err, c.later)
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantLines(t, s, c.want...)
	}
}

func TestWhatAnotherRunDeletedMeanwhileIsNoFailure(t *testing.T) {
	for _, action := range []rotation.Action{rotation.Update, rotation.Observe, rotation.Settle, rotation.ForceMerge, rotation.SetAliases} {
		s := serve(t, status(404, `{"error":{"type":"index_not_found_exception"},"status":404}`))
		err := ours(t, s.URL).Apply(t.Context(), rotation.Step{Action: action, Index: "orders-000001"}, ordersTemplate)
		wantLater(t, err, "is gone")
	}
}

func TestRolloverIsSentOnceWhereItsReplyIsLost(t *testing.T) {
	for name, lost := range map[string]step{"reset": reset, "cut": raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), "504": status(504, ``)} {
		s := serve(t, found200(written), lost, found200(left, moved))
		if err := ours(t, s.URL).Apply(t.Context(), rollStep, ordersTemplate); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantLines(t, s, lookRoll, postRoll, lookRoll)
	}
}

func TestRolloverThatDidNothingIsSentAgainAfterALook(t *testing.T) {
	s := serve(t, found200(written), status(504, ``), found200(written), ok)
	if err := ours(t, s.URL).Apply(t.Context(), rollStep, ordersTemplate); err != nil {
		t.Error(err)
	}
	wantLines(t, s, lookRoll, postRoll, lookRoll, postRoll)
}

func TestRolloverFindsItDoneByAnother(t *testing.T) {
	s := serve(t, found200(written), status(400, `{"error":{"type":"resource_already_exists_exception"},"status":400}`), found200(left, moved))
	if err := ours(t, s.URL).Apply(t.Context(), rollStep, ordersTemplate); err != nil {
		t.Error(err)
	}
	s = serve(t, found200(left, moved))
	if err := ours(t, s.URL).Apply(t.Context(), rollStep, ordersTemplate); err != nil {
		t.Error(err)
	}
	wantLines(t, s, lookRoll)
}

func TestRolloverThatIsRefusedIsNotRepeated(t *testing.T) {
	s := serve(t, found200(written), status(403, `{"error":{"type":"security_exception"},"status":403}`), found200(written))
	wantKind(t, ours(t, s.URL).Apply(t.Context(), rollStep, ordersTemplate), fault.Forbidden)
	wantLines(t, s, lookRoll, postRoll, lookRoll, lookRoll)
}

func TestRolloverGivesAnOrphanTheAlias(t *testing.T) {
	s := serve(t, found200(written, orphan), ok)
	if err := ours(t, s.URL).Apply(t.Context(), rollStep, ordersTemplate); err != nil {
		t.Error(err)
	}
	wantLines(t, s, lookRoll, `POST /_aliases {"actions":[]}`)
}

func TestRolloverOfAStalePlanIsLeft(t *testing.T) {
	s := serve(t, found200(left, index("orders-000007", "orders", `"orders":{"is_write_index":true}`)))
	wantLater(t, ours(t, s.URL).Apply(t.Context(), rollStep, ordersTemplate), "is not what orders is written through any more")
	s = serve(t, found200(written, index("orders-000004", "other", ``)))
	wantLater(t, ours(t, s.URL).Apply(t.Context(), rollStep, ordersTemplate), "made by somebody else")
}

func TestRolloverOnServerlessIsACreateAndOneAliasUpdate(t *testing.T) {
	s := serve(t, found200(written), ok, found200(written, orphan), ok)
	c := ours(t, s.URL)
	c.cfg.Auth = AuthAOSS
	if err := c.Apply(t.Context(), rollStep, ordersTemplate); err != nil {
		t.Error(err)
	}
	wantLines(t, s, lookRoll, `PUT /orders-000004 {"settings":{},"mappings":{}}`, lookRoll, `POST /_aliases {"actions":[]}`)
}

func TestStreamRolloverIsJudgedByTheWriteIndex(t *testing.T) {
	at := func(n string) step {
		return status(200, `{"data_streams":[{"indices":[{"index_name":".ds-orders-`+n+`"}]}]}`)
	}
	step := rotation.Step{Action: rotation.RollStream, Index: "orders", From: ".ds-orders-000001", Body: []byte(`{"conditions":{}}`)}
	s := serve(t, reset, at("000002"))
	if err := ours(t, s.URL).Apply(t.Context(), step, ordersTemplate); err != nil {
		t.Error(err)
	}
	wantLines(t, s, `POST /orders/_rollover {"conditions":{}}`, "GET /_data_stream/orders")
	s = serve(t, reset, at("000001"))
	wantKind(t, ours(t, s.URL).Apply(t.Context(), step, ordersTemplate), fault.Unavailable)
	s = serve(t, status(200, `{"rolled_over":false}`))
	wantLater(t, ours(t, s.URL).Apply(t.Context(), step, ordersTemplate), "no condition reached")
}

func TestDeleteLooksWhatItIsAboutToDelete(t *testing.T) {
	mine := index("orders-000001", "orders", ``)
	for name, c := range map[string]struct {
		now   step
		later string
	}{
		"gone":           {status(404, `{}`), ""},
		"nothing listed": {status(200, `{}`), ""},
		"an alias":       {found200(index("precious-1", "", `"orders-000001":{}`)), "is an alias now"},
		"another index":  {found200(strings.Replace(mine, "u-orders-000001", "u-new", 1)), "not the index any more"},
		"unmarked":       {found200(strings.Replace(mine, `"collection":"orders"`, `"collection":"x"`, 1)), "not the index any more"},
		"written to":     {found200(index("orders-000001", "orders", `"orders":{"is_write_index":true}`)), "is written to now"},
	} {
		s := serve(t, c.now)
		err := ours(t, s.URL).Apply(t.Context(), dropStep, ordersTemplate)
		if c.later == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.later != "" {
			wantLater(t, err, c.later)
		}
		wantLines(t, s, "GET /orders-000001")
	}
	s := serve(t, found200(mine), status(400, `{"error":{"type":"snapshot_in_progress_exception"},"status":400}`))
	wantLater(t, ours(t, s.URL).Apply(t.Context(), dropStep, ordersTemplate), "a snapshot of it is being taken")
}

func TestStepsOnTheWire(t *testing.T) {
	target := rotation.Target{Name: "orders", Index: "orders-000001", Alias: true}
	for _, c := range []struct {
		step rotation.Step
		want []string
	}{
		{rotation.Step{Action: rotation.PutTemplate}, []string{`PUT /_index_template/sluice-orders {"t":1}`}},
		{rotation.Step{Action: rotation.Create, Target: target}, []string{`PUT /orders-000001 {"aliases":{"orders":{"is_write_index":true}},"mappings":{},"settings":{}}`}},
		{rotation.Step{Action: rotation.CreateStream, Index: "orders"}, []string{`PUT /_data_stream/orders`}},
		{rotation.Step{Action: rotation.SetAliases, Body: []byte(`{"a":1}`)}, []string{`POST /_aliases {"a":1}`}},
		{rotation.Step{Action: rotation.Update, Index: "i", Body: []byte(`{"s":1}`), Mapping: []byte(`{"m":1}`)}, []string{`PUT /i/_settings {"s":1}`, `PUT /i/_mapping {"m":1}`}},
		{rotation.Step{Action: rotation.Observe, Index: "i", Mapping: []byte(`{"m":1}`)}, []string{`PUT /i/_mapping {"m":1}`}},
		{rotation.Step{Action: rotation.Settle, Index: "i", Body: []byte(`{"s":1}`)}, []string{`PUT /i/_settings {"s":1}`}},
		{rotation.Step{Action: rotation.ForceMerge, Index: "i", Segments: 1}, []string{`POST /i/_forcemerge?max_num_segments=1&wait_for_completion=false`}},
	} {
		s := serve(t, ok)
		if err := ours(t, s.URL).Apply(t.Context(), c.step, ordersTemplate); err != nil {
			t.Errorf("%s: %v", c.step.Action, err)
		}
		wantLines(t, s, c.want...)
	}
	exists := status(http.StatusBadRequest, `{"error":{"type":"resource_already_exists_exception"},"status":400}`)
	for _, action := range []rotation.Action{rotation.Create, rotation.CreateStream} {
		s := serve(t, exists)
		if err := ours(t, s.URL).Apply(t.Context(), rotation.Step{Action: action, Index: "i", Target: target}, ordersTemplate); err != nil {
			t.Errorf("%s of what exists: %v", action, err)
		}
	}
	wantKind(t, ours(t, refused(t)).Apply(t.Context(), rotation.Step{Action: "dance"}, ordersTemplate), fault.Internal)
}
