package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

// manyDays lists so many indices of a day each that their names do not fit into a path.
func manyDays(n int) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"index":"logs-%s","status":"open"}`, noon.AddDate(0, 0, -i).Format("2006-01-02"))
	}
	return "[" + strings.Join(rows, ",") + "]"
}

func TestExportOfVeryManyIndicesHasNoSnapshotAndSaysSo(t *testing.T) {
	w := exportOfVeryMany(t, 500)
	if w.Code != http.StatusOK || w.Header().Get("X-Export-Consistency") != "as it went" || w.Header().Get("X-Export-Complete") != "true" || w.Body.String() != "_id\r\nd0\r\n" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// Without a snapshot, OpenSearch passes over an index that is closed between two pages.
func TestExportWithoutASnapshotIsNotCompleteWhenAnIndexIsClosedMeanwhile(t *testing.T) {
	w := exportOfVeryMany(t, 499)
	if w.Code != http.StatusOK || w.Header().Get("X-Export-Complete") != "false" || w.Header().Get("X-Next-Cursor") == "" || !strings.Contains(w.Body.String(), "d0\r\n# not complete") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// exportOfVeryMany exports one document of 500 indices, behind which so many are searched.
func exportOfVeryMany(t *testing.T, behind int) *httptest.ResponseRecorder {
	t.Helper()
	asked := 0
	s := newTestServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(r.URL.Path, "/_cat/") {
			_, _ = io.WriteString(w, manyDays(500))
			return
		}
		if len(r.URL.RequestURI()) > 3500 || strings.Contains(r.URL.Path, "point_in_time") {
			t.Errorf("%.200s", r.URL.RequestURI())
		}
		answer, shards := hits(), behind
		if asked++; asked == 1 {
			answer, shards = hits(`{"n":1}`), 500
		}
		answer = strings.Replace(answer, `"total":1,"successful":1`, fmt.Sprintf(`"total":%d,"successful":%[1]d`, shards), 1)
		if strings.HasSuffix(r.URL.Path, "_msearch") {
			answer = `{"responses":[` + strings.Replace(answer, "{", `{"status":200,`, 1) + `]}`
		}
		_, _ = io.WriteString(w, answer)
	}))
	return request(s, "/v1/logs/export?format=csv&fields=_id")
}

func TestExportEndsWithTheInvocationsTime(t *testing.T) {
	s := newTestServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasPrefix(r.URL.Path, "/_cat/"):
			_, _ = io.WriteString(w, `[]`)
		case strings.Contains(r.URL.Path, "point_in_time"):
			_, _ = io.WriteString(w, `{"pit_id":"p"}`)
		default: // there is always another document
			time.Sleep(100 * time.Millisecond)
			_, _ = io.WriteString(w, hits(`{"n":1}`))
		}
	}))
	s.server.now = time.Now
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	w := httptest.NewRecorder()
	s.engine.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/logs/export", nil).WithContext(ctx))
	if w.Code != http.StatusOK || w.Header().Get("X-Next-Cursor") == "" || !strings.Contains(w.Body.String(), `"complete":false`) || ctx.Err() != nil {
		t.Errorf("%d %v, %v", w.Code, w.Header(), ctx.Err())
	}
}

// API Gateway passes on 10,240 bytes of headers, and answers 500 instead of more.
func TestHeadersOfAnExportAreNoLongerThanAPIGatewayTakes(t *testing.T) {
	s := newTestServer(t, &answering{reply: strings.Replace(hits(`{"n":1}`, `{"n":2}`), "{", `{"pit_id":"p",`, 1), indices: "[]"})
	s.server.limit = 2000 // an export of these answers would not end before
	left := map[string]int{}
	for _, format := range []string{"ndjson", "csv"} {
		for length := 100; length <= 9900; length += 700 {
			filters := "format=" + format
			for ; length > len(filters)+10; filters += "&filter=level:" + strings.Repeat("a", min(length-len(filters)-10, 900)) {
			}
			w := request(s, "/v1/logs/export?"+filters)
			size := 0
			for name, values := range w.Header() {
				size += len(name) + len(strings.Join(values, "")) + 4
			}
			cursor := w.Header().Get("X-Next-Cursor")
			if w.Code != http.StatusOK || w.Header().Get("X-Export-Complete") != "false" || size > 9000 {
				t.Fatalf("%d bytes asked: %d, %d bytes of headers", length, w.Code, size)
			}
			lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
			if last := lines[len(lines)-1]; cursor == "" || !strings.Contains(last, cursor) || (format == "csv") != strings.HasPrefix(last, "# not complete: go on with cursor=") {
				t.Errorf("%d bytes asked: the last line is %.200s", length, last)
			}
			if w.Header().Get("Link") == "" {
				left[format]++
			}
		}
	}
	if left["csv"] == 0 || left["csv"] > 4 || left["ndjson"] != left["csv"] {
		t.Errorf("the link was left out of %v answers", left)
	}
	header := http.Header{"X": {strings.Repeat("a", 8000)}}
	setWithin(header, "X-Next-Cursor", strings.Repeat("c", 100))
	setWithin(header, "Link", strings.Repeat("c", 100))
	if header.Get("X-Next-Cursor") == "" || header.Get("Link") != "" {
		t.Error(len(header))
	}
}

// nowhere is a bucket without objects.
type nowhere struct{ jobStore }

func (nowhere) Load(context.Context, string) (*job, error) {
	return nil, fault.New(fault.NotFound, "there is no such object")
}

func TestTaskOfAnExportThatExpiredIsDoneAndNoTaskComesAgain(t *testing.T) {
	s := newTestServer(t, &answering{})
	s.server.jobs = nowhere{}
	h := newHandler(s.engine, s.server.log)
	h.tasks = worker{s.server}
	event, err := os.ReadFile("../../events/search-sqs-export.json")
	if err != nil {
		t.Fatal(err)
	}
	for payload, want := range map[string]string{
		string(event): `{"batchItemFailures":[]}`,
		strings.Replace(string(event), "0123456789abcdef0123", "../x", 1): `{"batchItemFailures":[{"itemIdentifier":"059f36b4-87a3-44ab-83d2-661975830a7d"}]}`,
	} {
		if out, err := h.Invoke(t.Context(), []byte(payload)); err != nil || string(out) != want {
			t.Errorf("%v %s", err, out)
		}
	}
	body := `{\"Records\":[{\"eventSource\":\"aws:sqs\"}]}`
	if got := invoke(t.Context(), t, h, get("/healthz", "", "")); got.StatusCode != 200 {
		t.Error(got)
	}
	if out, err := h.Invoke(t.Context(), []byte(strings.Replace(get("/healthz", "", ""), `"version"`, `"body":"`+body+`","version"`, 1))); err != nil || !strings.Contains(string(out), `"statusCode":200`) {
		t.Errorf("a body that looks like a queue's event: %v %s", err, out)
	}
}

func TestExportSettingsThatCannotWorkAreRefused(t *testing.T) {
	for _, c := range []Config{
		{ExportBucket: "b"}, {ExportQueueURL: "q"}, {ExportBucket: "b", ExportQueueURL: "q.fifo"}, {ExportPartBytes: -1}, {ExportAttempts: -1},
		{ExportLinks: 8 * 24 * time.Hour}, {ExportRetryWait: time.Hour},
	} {
		if c.CursorKey = strings.Repeat("k", 16); c.Validate() == nil {
			t.Errorf("%+v", c)
		}
	}
	if err := (Config{CursorKey: strings.Repeat("k", 16), ExportBucket: "b", ExportQueueURL: "q"}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestBodyOfAnExportIsReadStrictly(t *testing.T) {
	for body, want := range map[string]string{
		``: ``, `{}`: ``, `{"q":"a"}`: `q=a`, `{"filter":["a:b","c:d"],"fields":["x","y"]}`: `fields=x%2Cy&filter=a%3Ab&filter=c%3Ad`,
		`{"filter":"a:b","fields":"x"}`: `fields=x&filter=a%3Ab`,
		`[]`:                            `!`, `null`: `!`, `{"q":1}`: `!`, `{"q":["a"]}`: `!`, `{"q":"a","q":"b"}`: `!`, `{"filter":[]}`: `!`, `{"filter":[1]}`: `!`, `{"q":"a"`: `!`, `{"q":"a"}x`: `!`, "{\"q\":\"\xff\"}": `!`,
	} {
		values, err := exportValues([]byte(body))
		got := values.Encode()
		if err != nil {
			if got = "!"; problemOf(err).Status != http.StatusBadRequest {
				t.Errorf("%s: %v", body, err)
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

func TestJobCountsARowOnceAndNamesItsParts(t *testing.T) {
	j := &job{Collection: "logs", Consistency: snapshotted, Parameters: url.Values{}}
	one, two := j.add([]byte("a\n"), 1, "csv"), j.add([]byte("b\n"), 1, "csv")
	if one.Name != "logs-00001-87428fc52280.csv" || two.Name != "logs-00002-0263829989b6.csv" || j.Rows != 2 || j.Bytes != 4 {
		t.Errorf("%+v", j)
	}
	for expected, wrong := range map[int64]bool{2: false, 3: false, 1: true} {
		if j.Expected = &expected; (j.checkRows() != nil) != wrong {
			t.Errorf("%d expected: %v", expected, j.checkRows())
		}
	}
	if text := string(j.manifest()); strings.Contains(text, "pit") || strings.Contains(text, "cursor") {
		t.Error(text)
	}
}

// oneJob is a bucket with one job.
type oneJob struct {
	nowhere
	job *job
}

func (b oneJob) Load(context.Context, string) (*job, error) { return b.job, nil }

func (b oneJob) Save(_ context.Context, j *job) error {
	*b.job = *j
	return nil
}

func (oneJob) Put(context.Context, string, string, []byte) error { return nil }

func TestAJobThatCostsTooMuchEndsAndSaysHowToNarrowIt(t *testing.T) {
	opensearch := &answering{indices: narrowIndices()}
	s := testServerOf(t, opensearch, "testdata/limits")
	j := &job{ID: "0", Collection: "narrow", Parameters: url.Values{"since": {"9d"}}, State: running, Created: noon, Consistency: snapshotted}
	s.server.jobs = oneJob{job: j}
	if err := (worker{s.server}).work(t.Context(), task{"narrow", "0"}); err != nil {
		t.Fatal(err)
	}
	if j.State != incomplete || len(j.Reasons) != 1 || !strings.Contains(j.Reasons[0], "search.limits.shards") || opensearch.path != "" {
		t.Errorf("%s %q, asked %q", j.State, j.Reasons, opensearch.path)
	}
}
