package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
)

// The case from the field: a page of the export is not whole, once or every time.

// secondPage is a page of an export behind the first.
func secondPage(r faultproxy.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/_search") && strings.Contains(string(r.Body), `"search_after"`)
}

// anyPage is a page of an export or of a search.
func anyPage(r faultproxy.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/_search")
}

// altered lets the server answer, and alters the answer.
func altered(alter func(answer map[string]any)) faultproxy.Fault {
	return func(x *faultproxy.Exchange) {
		status, header, reply, err := x.Forward(x.Body)
		var answer map[string]any
		if err == nil {
			d := json.NewDecoder(strings.NewReader(string(reply)))
			d.UseNumber()
			err = d.Decode(&answer)
		}
		if err != nil {
			faultproxy.ResetBefore(x)
			return
		}
		alter(answer)
		text, _ := json.Marshal(answer)
		x.Answer(status, header.Get("Content-Type"), text)
	}
}

func cutHits(answer map[string]any) {
	hits := answer["hits"].(map[string]any)
	if all := hits["hits"].([]any); len(all) > 10 {
		hits["hits"] = all[:10]
	}
}

var (
	timesOut = altered(func(answer map[string]any) {
		cutHits(answer)
		answer["timed_out"], answer["_shards"] = true, map[string]any{"total": 1, "successful": 1, "skipped": 0, "failed": 0}
	})
	shardFails = altered(func(answer map[string]any) {
		cutHits(answer)
		answer["_shards"] = map[string]any{"total": 2, "successful": 1, "skipped": 0, "failed": 1,
			"failures": []any{map[string]any{"index": "x", "reason": map[string]any{"type": "node_disconnected_exception"}}}}
	})
)

// pageFaults are the case's variants.
var pageFaults = map[string]faultproxy.Fault{
	"a page times out":          timesOut,
	"a shard fails":             shardFails,
	"403":                       faultproxy.Status(http.StatusForbidden, "security_exception", "no permissions"),
	"the point in time is lost": faultproxy.Status(http.StatusNotFound, "search_context_missing_exception", "No search context found for id [1]"),
	"the connection is cut":     faultproxy.Truncate,
}

// storeSeconds stores m0001 to m<n>, one second apart on 2026-02-10.
func (s *scene) storeSeconds(n int) (ids []string) {
	s.Helper()
	var messages []message
	for i := range n {
		id := fmt.Sprintf("m%04d", i+1)
		at := time.Date(2026, 2, 10, 8, 0, i, 0, time.UTC).Format(time.RFC3339)
		ids = append(ids, id)
		messages = append(messages, message{ID: id, Body: fmt.Sprintf(`{"@timestamp":%q,"message":"line, %d","n":%d}`, at, i, i), Attributes: map[string]string{"id": id}})
	}
	if failed := s.invoke(s.function("ingest", nil), s.event(messages...)); len(failed) > 0 {
		s.Fatalf("not stored: %v", failed)
	}
	call(s, s.node, http.MethodPost, "/"+s.collection+"-*/_refresh", "")
	return ids
}

func TestCase11ExportTimesOutMidway(t *testing.T) {
	t.Parallel()
	x := newExporter(t, appendOnly, nil)
	want := x.storeSeconds(2500)
	day := url.Values{"from": {"2026-02-10"}, "to": {"2026-02-10"}}
	for name, fault := range pageFaults {
		for _, format := range []string{"csv", "ndjson"} {
			day.Set("format", format)
			t.Run(name+", "+format, func(t *testing.T) {
				x := x.inside(t)
				x.proxy.Inject(secondPage, 1, fault)
				x.wholeAnswer(day, format, want)
				x.proxy.Inject(secondPage, 1, fault)
				x.wholeJob(format, want, "", false)
				x.proxy.Inject(secondPage, -1, fault)
				x.cutAnswer(day, format, want)
				x.proxy.Inject(secondPage, -1, fault)
				x.cutJob(format, want)
			})
		}
	}
	for name, fault := range map[string]faultproxy.Fault{"timed_out": timesOut, "node_disconnected_exception": shardFails} {
		x.proxy.Inject(anyPage, 1, fault)
		a := x.ask(http.MethodGet, "/v1/"+x.collection+"/search?"+url.Values{"from": day["from"], "to": day["to"]}.Encode(), "")
		if !strings.Contains(string(a.body), `"complete":false`) || !strings.Contains(string(a.body), name) {
			t.Errorf("%s: %s", name, a.body[max(0, len(a.body)-500):])
		}
		x.proxy.Heal()
	}
}

// in is the exporter for a test inside its own.
func (x *exporter) inside(t *testing.T) *exporter {
	one, s := *x, *x.scene
	s.T = t
	one.scene = &s
	return &one
}

// wholeAnswer wants all rows in one answer, in order, that says so.
func (x *exporter) wholeAnswer(q url.Values, format string, want []string) {
	x.Helper()
	a := x.export(q.Encode())
	ids, last := rowIDs(x, format, a.body)
	if a.status != http.StatusOK || a.header.Get("X-Export-Complete") != "true" || a.header.Get("Link") != "" || !slices.Equal(ids, want) {
		x.Errorf("%d, complete %s, %d rows, %s", a.status, a.header.Get("X-Export-Complete"), len(ids), a.body[:min(len(a.body), 300)])
	}
	if format == "ndjson" && !strings.Contains(last, `"complete":true,"rows":2500,"next":null`) || format == "csv" && last != "" {
		x.Errorf("last line %s", last)
	}
}

// cutAnswer wants what was read, a sign that it is not all, an error once nothing can be
// read, and the rest when it can.
func (x *exporter) cutAnswer(q url.Values, format string, want []string) {
	x.Helper()
	a := x.export(q.Encode())
	ids, last := rowIDs(x, format, a.body)
	cursor := a.header.Get("X-Next-Cursor")
	if a.status != http.StatusOK || a.header.Get("X-Export-Complete") != "false" || cursor == "" || !strings.Contains(last, cursor) || !slices.Equal(ids, want[:len(ids)]) || len(ids) == 0 || len(ids) == len(want) {
		x.Fatalf("%d %v: %d rows, last line %q", a.status, a.header, len(ids), last)
	}
	next, err := url.Parse(a.header["Link"][0][1:strings.Index(a.header["Link"][0], ">")])
	if err != nil {
		x.Fatal(err)
	}
	if a = x.ask(http.MethodGet, next.String(), ""); a.status < 400 || a.header.Get("Content-Type") != "application/problem+json" {
		x.Errorf("nothing can be read: %d %s", a.status, a.body)
	}
	x.proxy.Heal()
	a = x.ask(http.MethodGet, next.String(), "")
	rest, _ := rowIDs(x, format, a.body)
	if !slices.Equal(slices.Concat(ids, rest), want) || a.header.Get("X-Export-Complete") != "true" {
		x.Errorf("%d rows and %d: %d", len(ids), len(rest), a.status)
	}
}

// wholeJob wants all rows in the parts of a job that says so.
func (x *exporter) wholeJob(format string, want []string, id string, resumed bool) {
	x.Helper()
	if id == "" {
		id = x.start(fmt.Sprintf(`{"format":%q,"from":"2026-02-10","to":"2026-02-10"}`, format)).ID
	}
	j := x.ended(id, time.Minute)
	ids, _ := rowIDs(x, format, x.file(j))
	if j.State != "complete" || len(j.Reasons) > 0 || j.Rows != len(want) || !slices.Equal(ids, want) {
		x.Errorf("%s %v: %d rows, %d in the parts", j.State, j.Reasons, j.Rows, len(ids))
	}
	if !resumed && j.Consistency == "snapshot" && (j.Expected == nil || *j.Expected != len(want)) {
		x.Errorf("expected %v", j.Expected)
	}
	if manifest := string(x.fetch(j.Manifest)); !strings.Contains(manifest, `"state": "complete"`) {
		x.Error(manifest)
	}
}

func (x *exporter) cutJob(format string, want []string) {
	x.Helper()
	j := x.ended(x.start(fmt.Sprintf(`{"format":%q,"from":"2026-02-10","to":"2026-02-10"}`, format)).ID, time.Minute)
	ids, _ := rowIDs(x, format, x.file(j))
	if j.State != "incomplete" || len(j.Reasons) == 0 || len(ids) == 0 || len(ids) == len(want) || !slices.Equal(ids, want[:len(ids)]) {
		x.Errorf("%s %v: %d rows", j.State, j.Reasons, len(ids))
	}
	if manifest := string(x.fetch(j.Manifest)); !strings.Contains(manifest, `"state": "incomplete"`) {
		x.Error(manifest)
	}
	x.proxy.Heal()
	x.job(http.MethodPost, "/exports/"+j.ID, "", http.StatusAccepted)
	x.wholeJob(format, want, j.ID, true)
}
