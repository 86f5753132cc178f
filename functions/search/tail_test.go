package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/cache"
)

// followedShards is an OpenSearch of one-shard indices, each of which has documents up to
// a number that are all searchable.
type followedShards struct {
	indices map[string]int64 // last number
	source  string
	marks   string       // highlight of each document, or nothing
	broken  atomic.Int64 // requests for positions that fail, from now on
	fail    string       // an index whose search fails
	closed  string       // an index that is closed
	asked   atomic.Int64 // searches
}

func (f *followedShards) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.HasPrefix(r.URL.Path, "/_cat/"):
		var rows []string
		for name := range f.indices {
			status := map[bool]string{true: "close", false: "open"}[name == f.closed]
			rows = append(rows, fmt.Sprintf(`{"index":%q,"status":%q,"pri":"1"}`, name, status))
		}
		_, _ = fmt.Fprintf(w, "[%s]", strings.Join(rows, ","))
	case strings.HasSuffix(r.URL.Path, "/_stats/refresh"):
		if f.broken.Add(-1) >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"error":{"type":"x"}}`)
			return
		}
		var rows []string
		for name, last := range f.indices {
			if strings.Contains(r.URL.Path, name) && name != f.closed {
				rows = append(rows, fmt.Sprintf(`%q:{"uuid":%q,"shards":{"0":[{"routing":{"state":"STARTED","primary":true,"node":"n"},"refresh":{"external_total":1},"seq_no":{"max_seq_no":%d,"global_checkpoint":%[3]d}}]}}`,
					name, name[max(len(name)-8, 0):], last))
			}
		}
		_, _ = fmt.Fprintf(w, `{"indices":{%s}}`, strings.Join(rows, ","))
	default:
		f.asked.Add(1)
		f.search(w, r)
	}
}

func (f *followedShards) search(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	lines := strings.Split(strings.TrimSpace(string(body)), "\n")
	var out []string
	for i := 0; i < len(lines); i += 2 {
		var header struct{ Index string }
		var query struct {
			Size  int
			Query struct {
				Bool struct {
					Filter []numbersOf
					Not    []numbersOf `json:"must_not"`
				}
			}
		}
		_ = json.Unmarshal([]byte(lines[i]), &header)
		_ = json.Unmarshal([]byte(lines[i+1]), &query)
		if header.Index == f.fail {
			out = append(out, `{"status":503,"error":{"type":"no_shard_available_action_exception"}}`)
			continue
		}
		var hits []string
		filters := query.Query.Bool.Filter
		numbers := filters[len(filters)-1].Range["_seq_no"]
		for n := numbers.GTE; n <= numbers.LTE && len(hits) < query.Size; n++ {
			if slices.ContainsFunc(query.Query.Bool.Not, func(not numbersOf) bool { return not.have(n) }) {
				continue
			}
			hits = append(hits, fmt.Sprintf(`{"_index":%q,"_id":"%[1]s/%d","_source":%s,"sort":[%[2]d,%[4]d]%[5]s}`, header.Index, n, f.source, noon.UnixMilli()-n, f.marks))
		}
		out = append(out, fmt.Sprintf(`{"status":200,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},"hits":{"hits":[%s]}}`, strings.Join(hits, ",")))
	}
	_, _ = fmt.Fprintf(w, `{"responses":[%s]}`, strings.Join(out, ","))
}

// numbersOf is a clause on sequence numbers.
type numbersOf struct {
	Range map[string]struct{ GTE, LTE int64 }
	Terms map[string][]int64
}

func (c numbersOf) have(n int64) bool {
	r, ok := c.Range["_seq_no"]
	return ok && n >= r.GTE && n <= r.LTE || slices.Contains(c.Terms["_seq_no"], n)
}

type tailAnswer struct {
	Documents []struct {
		ID     string
		Source json.RawMessage
	}
	Next         string
	Lag          *int64 `json:"lag_ms"`
	Completeness completeness
	status       int
}

func askTail(t *testing.T, s testServer, query string) (a tailAnswer) {
	t.Helper()
	w := request(s, "/v1/logs/tail?"+query)
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	if a.status = w.Code; a.status == http.StatusOK && a.Next == "" {
		t.Fatalf("%s", w.Body)
	}
	return a
}

func TestTailKeepsTheCursorThroughErrorsInItsWait(t *testing.T) {
	opensearch := &followedShards{indices: map[string]int64{"logs-2026-05-17": 4}, source: `{}`}
	s := newTestServer(t, opensearch)
	begun := askTail(t, s, "")
	if len(begun.Documents) != 0 || begun.Lag != nil {
		t.Fatal(begun)
	}
	opensearch.indices["logs-2026-05-17"] = 5
	opensearch.broken.Store(1 << 40)
	if failed := askTail(t, s, "wait=0&cursor="+begun.Next); failed.status != http.StatusServiceUnavailable {
		t.Error(failed.status)
	}
	opensearch.broken.Store(3) // of the looks of one wait
	got := askTail(t, s, "wait=10s&cursor="+begun.Next)
	if len(got.Documents) != 1 || got.Documents[0].ID != "logs-2026-05-17/5" || *got.Lag != 5 {
		t.Errorf("%+v", got)
	}
}

func TestTailKeepsItsPlaceInAShardThatFails(t *testing.T) {
	opensearch := &followedShards{indices: map[string]int64{"logs-2026-05-16": 0, "logs-2026-05-17": 0}, source: `{}`, fail: "logs-2026-05-16"}
	s := newTestServer(t, opensearch)
	got := askTail(t, s, "since=2d&wait=0")
	if len(got.Documents) != 1 || got.Completeness.Complete || got.Completeness.Shards.Failed != 1 || got.Completeness.FailedIndices[0] != "logs-2026-05-16" {
		t.Errorf("%+v", got)
	}
	opensearch.fail = ""
	got = askTail(t, s, "since=2d&wait=0&cursor="+got.Next)
	if len(got.Documents) != 1 || got.Documents[0].ID != "logs-2026-05-16/0" || !got.Completeness.Complete {
		t.Errorf("%+v", got)
	}
}

func TestTailKeepsItsPlaceInAnIndexThatIsClosedForAWhile(t *testing.T) {
	opensearch := &followedShards{indices: map[string]int64{"logs-2026-05-16": 0, "logs-2026-05-17": 0}, source: `{}`}
	s := newTestServer(t, opensearch)
	got := askTail(t, s, "since=2d&wait=0")
	if len(got.Documents) != 2 {
		t.Fatalf("%+v", got)
	}
	opensearch.closed = "logs-2026-05-16"
	for range 2 { // the first look learns of it
		got = askTail(t, s, "since=2d&wait=0&cursor="+got.Next)
	}
	if len(got.Documents) != 0 || got.Completeness.Complete || got.Completeness.ClosedIndices[0] != "logs-2026-05-16" {
		t.Errorf("%+v", got)
	}
	opensearch.closed, opensearch.indices["logs-2026-05-16"] = "", 1
	s.server.indices.lists = map[string]list{} // as after 5 s
	got = askTail(t, s, "since=2d&wait=0&cursor="+got.Next)
	if len(got.Documents) != 1 || got.Documents[0].ID != "logs-2026-05-16/1" {
		t.Errorf("%+v", got)
	}
}

func TestTailGivesABurstInPagesThatLambdaCanCarry(t *testing.T) {
	opensearch := &followedShards{indices: map[string]int64{"logs-2026-05-16": 6, "logs-2026-05-17": 9}, source: `{"m":"` + strings.Repeat("x", maxAnswer/3) + `"}`}
	s := newTestServer(t, opensearch)
	shown := map[string]int{}
	query := "since=2d&size=100&wait=0"
	for cursor := ""; len(shown) < 17; {
		got := askTail(t, s, query+cursor)
		if n := len(got.Documents); n == 0 || n > 3 {
			t.Fatalf("%d documents: %v", n, shown)
		}
		for _, d := range got.Documents {
			shown[d.ID]++
		}
		cursor = "&cursor=" + got.Next
	}
	for id, n := range shown {
		if n != 1 {
			t.Errorf("%s was shown %d times", id, n)
		}
	}
}

// One document that no answer can hold must not hold up those behind it.
func TestTailGoesOnBehindADocumentThatIsTooLarge(t *testing.T) {
	opensearch := &followedShards{indices: map[string]int64{"logs-2026-05-17": 1}, source: `{"m":"` + strings.Repeat("x", maxAnswer) + `"}`}
	got := askTail(t, newTestServer(t, opensearch), "since=2d&wait=0")
	if len(got.Documents) != 2 || string(got.Documents[0].Source) != "{}" || got.Completeness.Complete || !strings.Contains(got.Completeness.Reasons[0], "fields=") {
		t.Errorf("%d documents, %+v", len(got.Documents), got.Completeness)
	}
}

func TestTailOfDocumentsThatAreTooLargeIsNotMadeTooLargeByWhatMatchedInThem(t *testing.T) {
	opensearch := &followedShards{indices: map[string]int64{"logs-2026-05-17": 9}, source: `{"message":"` + strings.Repeat("x", 5000) + `"}`, marks: `,"highlight":{"message":["` + strings.Repeat("x", 900) + `"]}`}
	s := newTestServer(t, opensearch)
	s.server.limit = 2000
	w := request(s, "/v1/logs/tail?q=x&highlight=true&since=2d&wait=0")
	if n := strings.Count(w.Body.String(), "x"); w.Code != http.StatusOK || n > 2000 || !strings.Contains(w.Body.String(), "logs-2026-05-17/9") {
		t.Errorf("%d: %d bytes of documents in an answer for 2,000", w.Code, n)
	}
}

func TestTailSaysWhichIndicesItsCursorHasNoRoomFor(t *testing.T) {
	opensearch := &followedShards{indices: map[string]int64{}, source: `{}`}
	for day := range 100 {
		opensearch.indices[noon.AddDate(0, 0, -day).Format("logs-2006-01-02")] = 0
	}
	s := newTestServer(t, opensearch)
	got := askTail(t, s, "wait=0")
	says := strings.Join(got.Completeness.Reasons, " ")
	if got.Completeness.Complete || !strings.Contains(says, "41 before logs-2026-03-20 are not") || !strings.Contains(says, "since=") || got.Completeness.Shards.Total != 59 {
		t.Errorf("%+v", got.Completeness)
	}
	if got := askTail(t, s, "since=30d&wait=0"); !got.Completeness.Complete || len(got.Documents) != 31 {
		t.Errorf("%d %+v", len(got.Documents), got.Completeness)
	}
}

func TestTailWaitsNoLongerThanTheInvocation(t *testing.T) {
	s := newTestServer(t, &followedShards{indices: map[string]int64{"logs-2026-05-17": 4}, source: `{}`})
	s.now = time.Now
	begun := askTail(t, s, "")
	ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
	defer cancel()
	answer := invoke(ctx, t, newHandler(s.engine, s.server.log), get("/v1/logs/tail", "cursor="+begun.Next, ""))
	if answer.StatusCode != http.StatusOK || ctx.Err() != nil {
		t.Errorf("%d %s, %v", answer.StatusCode, answer.Body, ctx.Err())
	}
}

// A shard in which nothing has been stored or refreshed is not searched.
func TestTailSearchesOnlyWhatIsNew(t *testing.T) {
	opensearch := &followedShards{indices: map[string]int64{"logs-2026-05-17": 4}, source: `{}`}
	s := newTestServer(t, opensearch)
	begun := askTail(t, s, "")
	if got := askTail(t, s, "wait=1s&cursor="+begun.Next); len(got.Documents) != 0 || opensearch.asked.Load() != 0 {
		t.Errorf("%d searches, %+v", opensearch.asked.Load(), got)
	}
}

func TestCursorsThatWereCutAlteredOrAreOfAnotherRequestAreRefused(t *testing.T) {
	s := newTestServer(t, &followedShards{indices: map[string]int64{"logs-2026-05-17": 4}, source: `{}`})
	good := askTail(t, s, "q=level:error").Next
	opensearch := &answering{reply: hits(`{}`), indices: "[]"}
	var page struct{ Next string }
	if err := json.Unmarshal(request(newTestServer(t, opensearch), "/v1/logs/search?size=1&q=level:error&from=2026-05-17").Body.Bytes(), &page); err != nil || page.Next == "" {
		t.Fatal(err)
	}
	for path, cursor := range map[string]string{"/v1/logs/tail?wait=0&q=level:error": good, "/v1/logs/search?size=1&q=level:error&from=2026-05-17": page.Next} {
		for i := range cursor {
			altered := []byte(cursor)
			altered[i] = map[bool]byte{true: 'B', false: 'A'}[altered[i] == 'A']
			for _, bad := range []string{string(altered), cursor[:i], cursor + cursor[:i+1]} {
				if bad == "" {
					continue
				}
				if w := request(s, path+"&cursor="+bad); w.Code != http.StatusBadRequest {
					t.Fatalf("%s: %d %s", bad, w.Code, w.Body)
				}
			}
		}
	}
	for path, cursor := range map[string]string{
		"/v1/logs/tail?wait=0&q=level:warn": good, "/v1/orders/tail?wait=0": good, "/v1/logs/tail?wait=0&q=level:error": page.Next,
		"/v1/logs/search?size=1&q=level:error": good, "/v1/logs/tail?wait=0&q=level:error&since=1h": good,
	} {
		if w := request(s, path+"&cursor="+cursor); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "begin again") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestKeysOfCursorsCanBeChanged(t *testing.T) {
	opensearch := &followedShards{indices: map[string]int64{"logs-2026-05-17": 4}, source: `{}`}
	s := newTestServer(t, opensearch)
	keyed := func(keys string) {
		for i, v := range s.collections {
			s.collections[i] = view{Collection: v.Collection, schema: schemaOf(v.Collection, Config{CursorKey: keys}.cursorKeys())}
		}
	}
	keyed("the-key-of-before")
	cursor := askTail(t, s, "").Next
	keyed("the-key-of-today, the-key-of-before")
	newer := askTail(t, s, "wait=0&cursor="+cursor).Next
	keyed("the-key-of-today")
	if got := askTail(t, s, "wait=0&cursor="+newer); got.status != http.StatusOK {
		t.Error(got.status)
	}
	w := request(s, "/v1/logs/tail?wait=0&cursor="+cursor)
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "a key that is no longer in use: begin again without it") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, bad := range []string{"", "short", "long-enough-to-be-a-key,short"} {
		if err := (Config{CursorKey: bad}).Validate(); err == nil || !strings.Contains(err.Error(), "openssl rand") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// generations is a rolling collection's OpenSearch, and environments that ask it.
func generations(t *testing.T, cached bool) (*followedShards, [2]testServer) {
	t.Helper()
	dir := t.TempDir()
	text := "name: logs\nappend_only: true\ntime: {field: at}\nindex: {policy: rollover, retention: forever, rollover: {max_age: 1d}}\nfields: {at: {type: date}}\n"
	if err := os.WriteFile(filepath.Join(dir, "logs.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	opensearch := &followedShards{indices: map[string]int64{"logs-000001": 4}, source: `{}`}
	environments := [2]testServer{testServerOf(t, opensearch, dir), testServerOf(t, opensearch, dir)}
	for _, s := range environments {
		if cached {
			s.remember(cache.New(func() time.Time { return s.server.now() }, cache.NewMemory(1<<20)))
		}
	}
	return opensearch, environments
}

// An environment whose list of indices is older than the cursor must not take for gone
// what it has not heard of yet.
func TestTailIsNotRepeatedByAnEnvironmentThatHasNotHeardOfARollover(t *testing.T) {
	for _, cached := range []bool{false, true} {
		opensearch, environments := generations(t, cached)
		begun := askTail(t, environments[1], "wait=0")
		opensearch.indices["logs-000002"] = 2
		first := askTail(t, environments[0], "wait=0&cursor="+begun.Next)
		if len(first.Documents) != 3 {
			t.Fatalf("%+v", first)
		}
		second := askTail(t, environments[1], "wait=0&cursor="+first.Next)
		third := askTail(t, environments[0], "wait=0&cursor="+second.Next)
		if len(second.Documents)+len(third.Documents) != 0 {
			t.Errorf("cached %v: shown again: %+v %+v", cached, second.Documents, third.Documents)
		}
	}
}

func TestTailBeginsWithTheIndicesThereAreAndNotThoseRemembered(t *testing.T) {
	opensearch, environments := generations(t, true)
	askTail(t, environments[0], "wait=0")
	opensearch.indices["logs-000002"] = 2
	begun := askTail(t, environments[0], "wait=0")
	later := func() time.Time { return noon.Add(2 * listed) }
	environments[0].server.now, environments[0].server.indices.now = later, later
	if got := askTail(t, environments[0], "wait=0&cursor="+begun.Next); len(got.Documents) != 0 {
		t.Errorf("shown, though from before the beginning: %+v", got.Documents)
	}
}
