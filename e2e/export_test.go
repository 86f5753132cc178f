package e2e

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

var exportDocs = flag.Int("export-docs", 20_000, "documents of TestExportEqualsWhatWasIndexed")

// exportSource is document i as it is indexed: what formats get wrong is in it.
func exportSource(i int) string {
	return fmt.Sprintf(`{"@timestamp":%q,"message":"line %d, \"quoted\" ü😀\u2028 =1+1","n":%d,"big":18446744073709551615,"deep":{"a":[1,{"b":null}],"%d":%d.10}}`,
		time.Date(2026, 2, 10, 0, 0, 0, i%1000*1_000_000, time.UTC).Add(time.Duration(i/1000)*time.Second).Format("2006-01-02T15:04:05.000Z"), i, 9007199254740993+i, i%7, i)
}

// indexRaw puts n documents into the day's index past ingest; each is named by its number.
func (s *scene) indexRaw(n int, source func(int) string) {
	s.Helper()
	if failed := s.invoke(s.function("ingest", nil), s.event(message{ID: "first", Body: source(0), Attributes: map[string]string{"id": "000000000"}})); len(failed) > 0 {
		s.Fatal("the index was not made")
	}
	for at := 1; at < n; {
		var body bytes.Buffer
		for ; at < n && body.Len() < 5<<20; at++ {
			fmt.Fprintf(&body, `{"index":{"_index":"%s-2026-02-10","_id":"%09d"}}`+"\n%s\n", s.collection, at, source(at))
		}
		if status, text := send(s, s.node, http.MethodPost, "/_bulk", body.String()); status != http.StatusOK || bytes.Contains(text[:min(len(text), 60)], []byte(`"errors":true`)) {
			s.Fatalf("%d %.300s", status, text)
		}
	}
	call(s, s.node, http.MethodPost, "/"+s.collection+"-*/_refresh", "")
}

// A million with: make export-million
func TestExportEqualsWhatWasIndexed(t *testing.T) {
	n := *exportDocs
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	copyFile(t, world.boot["search"], bootstrap)
	peak := watch(t, bootstrap)
	env, limit := map[string]string{}, 2*time.Minute
	if n < 100_000 { // several parts, and several invocations
		env["EXPORT_PART_BYTES"], limit = "300000", 4*time.Second
	}
	x := newExporter(t, appendOnly, env, func(c *lambdatest.Config) { c.Bootstrap, c.Timeout = bootstrap, limit })
	began := time.Now()
	x.indexRaw(n, exportSource)
	t.Logf("%d documents indexed in %s", n, time.Since(began).Round(time.Millisecond))
	if n < 100_000 {
		x.proxy.Inject(secondPage, -1, slow(150*time.Millisecond))
	}
	began = time.Now()
	j := x.ended(x.start("").ID, 20*time.Minute)
	took := time.Since(began)
	t.Logf("%d documents, %d bytes, %d parts in %s: %.0f documents/s, peak %d MiB", j.Rows, j.Bytes, len(j.Parts), took.Round(time.Millisecond), float64(j.Rows)/took.Seconds(), peak()>>20)
	if j.State != "complete" || j.Rows != n || j.Expected == nil || *j.Expected != n || j.Consistency != "snapshot" {
		t.Fatalf("%s %v: %d rows, %v expected, %s", j.State, j.Reasons, j.Rows, j.Expected, j.Consistency)
	}
	at := 0
	for _, part := range j.Parts {
		for line := range bytes.Lines(x.fetch(part.URL)) {
			if want := fmt.Sprintf(`{"id":"%09d","index":"%s-2026-02-10","source":%s}`+"\n", at, x.collection, exportSource(at)); string(line) != want {
				t.Fatalf("line %d\n got %s\nwant %s", at, line, want)
			}
			at++
		}
	}
	if at != n || len(j.Parts) < 2 || peak() > 512<<20 || peak() == 0 {
		t.Errorf("%d lines in %d parts, %d MiB", at, len(j.Parts), peak()>>20)
	}
}

func TestExportOfLargeDocumentsFitsIntoTheFunction(t *testing.T) {
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	copyFile(t, world.boot["search"], bootstrap)
	peak := watch(t, bootstrap)
	x := newExporter(t, appendOnly, nil, func(c *lambdatest.Config) { c.Bootstrap, c.Timeout = bootstrap, 2*time.Minute })
	const n = 600
	large := strings.Repeat("x", 1<<20)
	x.indexRaw(n, func(i int) string {
		text := "short"
		if i >= 200 { // after short ones, by which a page's size was chosen
			text = large
		}
		return fmt.Sprintf(`{"@timestamp":"2026-02-10T00:%02d:%02dZ","note":%q}`, i/60, i%60, text)
	})
	j := x.ended(x.start("").ID, 5*time.Minute)
	t.Logf("%d documents, %d bytes, %d parts, peak %d MiB", j.Rows, j.Bytes, len(j.Parts), peak()>>20)
	if j.State != "complete" || j.Rows != n || j.Bytes < 400<<20 || peak() > 450<<20 || peak() == 0 {
		t.Errorf("%s %v: %d rows, %d bytes, peak %d MiB", j.State, j.Reasons, j.Rows, j.Bytes, peak()>>20)
	}
	ids, _ := rowIDs(t, "ndjson", x.file(j))
	if len(ids) != n || !slices.IsSorted(ids) || len(slices.Compact(ids)) != n {
		t.Errorf("%d rows in the parts", len(ids))
	}
}

func TestKilledExportGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	x := newExporter(t, appendOnly, map[string]string{"EXPORT_PART_BYTES": "100000"})
	want := x.storeSeconds(2500)
	x.proxy.Inject(secondPage, -1, slow(300*time.Millisecond))
	id := x.start(`{"format":"csv"}`).ID
	for range 2 { // each time with a part more
		was := x.job(http.MethodGet, "/exports/"+id, "", http.StatusOK).Rows
		eventually(t, time.Minute, func() string {
			if j := x.job(http.MethodGet, "/exports/"+id, "", http.StatusOK); j.Rows == was {
				return fmt.Sprintf("%d rows still, %s", j.Rows, j.State)
			}
			return ""
		})
		x.worker.Kill()
	}
	x.proxy.Heal()
	x.wholeJob("csv", want, id, false)
}

func TestWorkersOnOneExportNeitherRepeatNorLoseARow(t *testing.T) {
	x := newExporter(t, appendOnly, map[string]string{"EXPORT_PART_BYTES": "50000"})
	want := x.storeSeconds(2500)
	x.proxy.Inject(secondPage, -1, slow(50*time.Millisecond))
	id := x.start("").ID
	for range 4 { // of each another message
		x.job(http.MethodPost, "/exports/"+id, "", http.StatusAccepted)
	}
	x.wholeJob("ndjson", want, id, false)
}

func TestTheSameRequestForAnExportStartsOne(t *testing.T) {
	x := newExporter(t, appendOnly, nil)
	x.storeSeconds(10)
	post := func(body string) httpAnswer {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, x.api+"/v1/"+x.collection+"/exports", strings.NewReader(body))
		req.Header.Set("Idempotency-Key", "k1")
		return fetch(t, req)
	}
	first := post(`{"format":"csv"}`)
	x.ended(filepath.Base(first.header.Get("Location")), time.Minute)
	second, other := post(`{"format":"csv"}`), post(`{"format":"ndjson"}`)
	if first.status != 202 || second.status != 202 || first.header.Get("Location") != second.header.Get("Location") || other.status != http.StatusConflict {
		t.Errorf("%d %v, %d %v, %d", first.status, first.header, second.status, second.header, other.status)
	}
}

// What is written while an export is under way is not in it, what is deleted is.
func TestJobIsOfOneMoment(t *testing.T) {
	x := newExporter(t, appendOnly, nil)
	want := x.storeSeconds(2500)
	written := false
	x.proxy.Inject(secondPage, 1, func(e *faultproxy.Exchange) {
		_, text := send(t, x.node, http.MethodPost, "/_bulk?refresh=true", fmt.Sprintf(`{"index":{"_index":"%[1]s-2026-02-10","_id":"new"}}
{"@timestamp":"2026-02-10T09:00:00Z","message":"new"}
{"delete":{"_index":"%[1]s-2026-02-10","_id":"m2400"}}
`, x.collection))
		written = strings.Contains(string(text), `"errors":false`)
		faultproxy.Pass(e)
	})
	x.wholeJob("ndjson", want, "", false)
	if now := x.documents(); !written || now["new"] == nil || now["m2400"] != nil {
		t.Error("nothing was written in the meantime")
	}
}

// changing is a collection whose documents change, and with them their time.
const changing = `time: {field: "@timestamp"}
fields:
  "@timestamp": {type: date}
  message: {type: text}
  n: {type: long}
index: {policy: single, replicas: 0}
`

// loseSnapshots has the node forget its points in time, as it does when it starts anew.
func (x *exporter) loseSnapshots(e *faultproxy.Exchange) {
	call(x, x.node, http.MethodDelete, "/_search/point_in_time/_all", "")
	faultproxy.Pass(e)
}

func TestExportGoesOnUnderAnotherSnapshotOrSaysThatItCannot(t *testing.T) {
	x := newExporter(t, appendOnly, nil)
	want := x.storeSeconds(2500)
	x.proxy.Inject(secondPage, 1, x.loseSnapshots)
	j := x.ended(x.start("").ID, time.Minute)
	ids, _ := rowIDs(t, "ndjson", x.file(j))
	if j.State != "complete" || j.Consistency != "as it went" || !slices.Equal(ids, want) {
		t.Errorf("append only: %s, %s, %d rows", j.State, j.Consistency, len(ids))
	}

	x = newExporter(t, changing, nil)
	x.storeSeconds(2500)
	x.proxy.Inject(secondPage, 1, x.loseSnapshots)
	j = x.ended(x.start("").ID, time.Minute)
	if j.State != "incomplete" || len(j.Reasons) != 1 || !strings.Contains(j.Reasons[0], "begin the export again") {
		t.Errorf("changing: %s %v", j.State, j.Reasons)
	}
	if j.Rows > 0 {
		if a := x.ask(http.MethodPost, "/v1/"+x.collection+"/exports/"+j.ID, ""); a.status != http.StatusConflict {
			t.Errorf("it goes on: %d %s", a.status, a.body)
		}
	}
	x.proxy.Heal()
	if j = x.ended(x.start("").ID, time.Minute); j.State != "complete" || j.Rows != 2500 {
		t.Errorf("once more: %s %v", j.State, j.Reasons)
	}
}

func TestPointsInTimeAreGivenBack(t *testing.T) {
	x := newExporter(t, appendOnly, nil)
	x.storeSeconds(300)
	call(t, x.node, http.MethodDelete, "/_search/point_in_time/_all", "")
	x.export("")
	x.ended(x.start("").ID, time.Minute)
	x.proxy.Inject(secondPage, -1, faultproxy.Status(http.StatusForbidden, "security_exception", "no"))
	x.export("")
	x.ended(x.start("").ID, time.Minute)
	eventually(t, 10*time.Second, func() string {
		status, text := send(t, x.node, http.MethodGet, "/_search/point_in_time/_all", "")
		if status == http.StatusOK && strings.Contains(string(text), "pit_id") {
			return string(text)
		}
		return ""
	})
}

func TestExportHidesWhatSearchHides(t *testing.T) {
	x := newExporter(t, strings.Replace(appendOnly, "  n: {type: long}\n", "  n: {type: long}\n  secret: {type: keyword}\n  deep.secret: {type: keyword}\n  deep.open: {type: keyword}\n", 1)+"search: {hidden: [secret, deep.secret]}\n", nil)
	x.indexRaw(3, func(i int) string {
		return fmt.Sprintf(`{"@timestamp":"2026-02-10T00:00:0%dZ","secret":"kestrel","deep":{"secret":"kestrel","open":"finch"}}`, i)
	})
	for _, format := range []string{"csv", "ndjson"} {
		a := x.export("format=" + format)
		j := x.ended(x.start(fmt.Sprintf(`{"format":%q}`, format)).ID, time.Minute)
		for how, file := range map[string][]byte{"answer": a.body, "job": x.file(j)} {
			if n := bytes.Count(file, []byte("finch")); n != 3 || bytes.Contains(file, []byte("kestrel")) || bytes.Contains(file, []byte("secret")) {
				t.Errorf("%s, %s: %s", format, how, file)
			}
		}
	}
	for _, query := range []string{"fields=secret", "fields=deep.secret", "q=secret:kestrel", "filter=deep.secret:kestrel"} {
		if a := x.export(query); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
	if a := x.ask(http.MethodPost, "/v1/"+x.collection+"/exports", `{"fields":["deep.secret"]}`); a.status != http.StatusBadRequest {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestExportOfNothingIsCompleteAndEmpty(t *testing.T) {
	t.Parallel()
	x := newExporter(t, appendOnly, nil) // not even an index
	a := x.export("format=csv")
	j := x.ended(x.start(`{"format":"csv"}`).ID, time.Minute)
	if string(a.body) != "_id,_index,@timestamp,message,n,_other\r\n" || a.header.Get("X-Export-Complete") != "true" || j.State != "complete" || string(x.file(j)) != string(a.body) {
		t.Errorf("%d %s; %s %v", a.status, a.body, j.State, j.Reasons)
	}
	x.storeSeconds(10)
	if a = x.export("q=message:nowhere"); a.header.Get("X-Export-Complete") != "true" || !strings.HasPrefix(string(a.body), `{"export":{"complete":true,"rows":0`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	call(t, x.node, http.MethodPost, "/"+x.collection+"-2026-02-10/_close", "")
	time.Sleep(6 * time.Second) // as long as a list of indices is believed
	a = x.export("")
	j = x.ended(x.start("").ID, time.Minute)
	if a.header.Get("X-Export-Complete") != "false" || !strings.Contains(string(a.body), "closed indices") || j.State != "incomplete" || !strings.Contains(fmt.Sprint(j.Reasons), "closed indices") {
		t.Errorf("closed: %d %s; %s %v", a.status, a.body, j.State, j.Reasons)
	}
}

// The loops of docs/export.md, word for word.
func TestLoopsOfTheExportGuideFetchEverything(t *testing.T) {
	t.Parallel()
	guide := string(mustRead(t, "../docs/export.md"))
	loops := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(guide, -1)
	if len(loops) != 3 {
		t.Fatalf("%d loops", len(loops))
	}
	x := newExporter(t, appendOnly, nil)
	const n = 700
	x.indexRaw(n, func(i int) string {
		return fmt.Sprintf(`{"@timestamp":"2026-02-10T00:%02d:%02dZ","message":"# not complete: \r\n%s"}`, i/60, i%60, strings.Repeat("\\\"x", 7000))
	})
	var want []string
	for i := range n {
		want = append(want, fmt.Sprintf("%09d", i))
	}
	for i, name := range []string{"logs.ndjson", "logs.csv", "logs.ndjson"} {
		dir := t.TempDir()
		sh := exec.CommandContext(t.Context(), "bash", "-euc", strings.ReplaceAll(loops[i][1], "/v1/logs/", "/v1/"+x.collection+"/"))
		sh.Dir, sh.Env = dir, append(os.Environ(), "SEARCH="+x.api)
		if out, err := sh.CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", name, err, out)
			continue
		}
		file := mustRead(t, filepath.Join(dir, name))
		ids, last := rowIDs(t, filepath.Ext(name)[1:], file)
		if !slices.Equal(ids, want) || last != "" {
			t.Errorf("%s: %d rows, last %q", name, len(ids), last)
		}
	}
	if a := x.export("format=csv"); a.header.Get("X-Next-Cursor") == "" {
		t.Error("one answer had it all")
	}
}

func TestCSVIsReadBackAsItWas(t *testing.T) {
	x := newExporter(t, appendOnly, nil)
	x.indexRaw(50, exportSource)
	r := csv.NewReader(bytes.NewReader(x.export("format=csv").body))
	records, err := r.ReadAll()
	if err != nil || len(records) != 51 {
		t.Fatal(len(records), err)
	}
	for i, record := range records[1:] {
		var want struct {
			Message string
			N       json.Number
		}
		if err := json.Unmarshal([]byte(exportSource(i)), &want); err != nil {
			t.Fatal(err)
		}
		_, other, _ := strings.Cut(exportSource(i), `"big":`)
		if record[3] != want.Message || record[4] != want.N.String() || record[5] != `{"big":`+other {
			t.Errorf("%q", record)
		}
	}
}

func TestExportGoesOnThroughLostConnectionsToS3(t *testing.T) {
	t.Parallel()
	server, err := world.buckets()
	if err != nil {
		t.Fatal(err)
	}
	line, err := faultproxy.StartLine(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(line.Close)
	x := newExporter(t, appendOnly, map[string]string{"EXPORT_PART_BYTES": "50000", "AWS_ENDPOINT_URL_S3": line.URL})
	want := x.storeSeconds(2500)
	id := x.start("").ID
	line.Cut(30, 4) // in the middle of an answer's first line: what became of the request is unknown
	x.wholeJob("ndjson", want, id, false)
	if line.Cuts() == 0 {
		t.Error("no connection was lost")
	}
}

// An outage longer than a worker's own tries, but shorter than the job's.
func TestExportWaitsForOpenSearch(t *testing.T) {
	t.Parallel()
	x := newExporter(t, appendOnly, map[string]string{"EXPORT_ATTEMPTS": "5"})
	want := x.storeSeconds(2500)
	x.proxy.Inject(secondPage, 8, faultproxy.Status(http.StatusServiceUnavailable, "x", "down"))
	j := x.start("")
	x.wholeJob("ndjson", want, j.ID, false)
	if n := len(x.proxy.Seen(secondPage)); n < 9 {
		t.Errorf("%d pages", n)
	}
}

// emptied takes the documents out of an answer, and leaves no sign of it.
var emptied = altered(func(answer map[string]any) { answer["hits"].(map[string]any)["hits"] = []any{} })

func TestAnEmptyPageWithoutASignIsNotTakenForTheEnd(t *testing.T) {
	x := newExporter(t, appendOnly, nil)
	want := x.storeSeconds(2500)
	x.proxy.Inject(secondPage, 1, emptied)
	x.wholeJob("ndjson", want, "", false)
	x.proxy.Inject(secondPage, 1, emptied)
	a := x.export("format=csv")
	ids, _ := rowIDs(t, "csv", a.body)
	cursor := a.header.Get("X-Next-Cursor")
	if len(ids) == 0 || len(ids) == len(want) || cursor == "" {
		t.Fatalf("%d rows, cursor %q", len(ids), cursor)
	}
	rest, _ := rowIDs(t, "csv", x.export("format=csv&cursor="+cursor).body)
	if !slices.Equal(slices.Concat(ids, rest), want) {
		t.Errorf("%d and %d rows", len(ids), len(rest))
	}
}
