package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
)

// forgetful is a collection of change messages whose node forgets deletes after a second.
const forgetful = `id: {fields: [id]}
fields:
  id: {type: long}
  n: {type: long}
index: {policy: single, replicas: 0, settings: {gc_deletes: 1s}%s}
`

func (s *scene) row(op string, id, n, lsn int) message {
	image, before, after := fmt.Sprintf(`{"id":%d,"n":%d}`, id, n), "null", "null"
	if op == "d" {
		before = image
	} else {
		after = image
	}
	return message{ID: fmt.Sprintf("m%d", lsn), Body: fmt.Sprintf(`{"before":%s,"after":%s,"source":{"connector":"postgresql","db":"shop","schema":"public","table":"orders","lsn":%d},"op":%q}`,
		before, after, lsn, op)}
}

// living are the numbers of the rows that a reader of the collection's alias sees.
func (s *scene) living() map[string]string {
	s.Helper()
	call(s, s.node, http.MethodPost, "/"+s.collection+"/_refresh", "")
	_, text := send(s, s.node, http.MethodPost, "/"+s.collection+"/_search", `{"size":5000,"track_total_hits":true}`)
	var page struct {
		Hits struct {
			Total struct{ Value int }
			Hits  []struct {
				ID     string          `json:"_id"`
				Source json.RawMessage `json:"_source"`
			}
		}
	}
	if err := json.Unmarshal(text, &page); err != nil || page.Hits.Total.Value != len(page.Hits.Hits) {
		s.Fatalf("%s: %v", text, err)
	}
	rows := map[string]string{}
	for _, h := range page.Hits.Hits {
		rows[h.ID] = string(s.source(h.Source)["n"])
	}
	return rows
}

const beyond = 2500 * time.Millisecond // of gc_deletes, and of the clock that it goes by

func TestADeletedRowStaysDeletedHoweverLateAnOlderChangeComes(t *testing.T) {
	t.Parallel()
	s := newScene(t, fmt.Sprintf(forgetful, ""))
	fn := s.function("ingest", nil)
	deliver := func(messages ...message) {
		t.Helper()
		s.same("batchItemFailures", s.invoke(fn, s.event(messages...)), none)
	}
	has := func(what string, want map[string]string) {
		t.Helper()
		if got := s.living(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: the index has %v, want %v", what, got, want)
		}
	}
	gone := map[string]string{}
	deliver(s.row("c", 1, 1, 100), s.row("d", 1, 1, 300), s.row("d", 2, 1, 300))
	has("after the delete", gone)
	time.Sleep(beyond)
	deliver(s.row("u", 1, 2, 200), s.row("c", 1, 1, 100), s.row("c", 2, 1, 100))
	has("after older changes came late", gone)
	deliver(s.row("d", 1, 1, 300))
	time.Sleep(beyond)
	deliver(s.row("u", 1, 2, 200))
	has("after the delete came again", gone)
	deliver(s.row("c", 1, 4, 400))
	has("after the row was made anew", map[string]string{"1": "4"})
	deliver(s.row("d", 1, 1, 300))
	has("after the old delete came once more", map[string]string{"1": "4"})
	s.searched(map[string]string{"1": "4"})
	s.buried(nil)
}

// searched asks functions/search in each of its ways.
func (s *scene) searched(want map[string]string) {
	s.Helper()
	call(s, s.node, http.MethodPost, "/"+s.collection+"/_refresh", "")
	fn := s.function("search", nil)
	ask := func(path string) string {
		answer, err := fn.Invoke(s.Context(), request(s.T, "/v1/"+s.collection+path))
		if err != nil {
			s.Fatal(err)
		}
		var reply struct {
			Status int `json:"statusCode"`
			Body   string
		}
		if err := json.Unmarshal(answer.Payload, &reply); err != nil {
			s.Fatal(err)
		}
		return fmt.Sprint(reply.Status, " ", reply.Body)
	}
	s.says(ask("/search"), fmt.Sprintf(`"value":%d`, len(want)))
	for id := range 3 {
		_, there := want[strconv.Itoa(id)]
		if got := ask("/documents/" + strconv.Itoa(id)); strings.HasPrefix(got, "200") != there || strings.Contains(got, "_sluice") {
			s.Errorf("document %d: %s", id, got)
		}
	}
}

func TestAnIndexEqualsItsTableThroughDeletesThatTheNodeForgets(t *testing.T) {
	t.Parallel()
	s := newScene(t, fmt.Sprintf(forgetful, ""))
	fn := s.function("ingest", nil)
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 11))
	rows, messages := map[string]string{}, []message(nil)
	for lsn := 1; lsn <= 900; lsn++ {
		id, n := random.IntN(60), random.IntN(1000)
		key := strconv.Itoa(id)
		if _, there := rows[key]; there && random.IntN(2) == 0 {
			delete(rows, key)
			messages = append(messages, s.row("d", id, n, lsn))
			continue
		}
		rows[key] = strconv.Itoa(n)
		messages = append(messages, s.row("u", id, n, lsn))
	}
	messages = append(messages, messages[:300]...) // a third of them twice
	random.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
	for batch := range slices.Chunk(messages, 300) {
		s.same("batchItemFailures", s.invoke(fn, s.event(batch...)), none)
		time.Sleep(beyond)
	}
	if got := s.living(); fmt.Sprint(got) != fmt.Sprint(rows) {
		t.Errorf("the index has %v, the table %v", got, rows)
	}
	s.buried(nil)
}

// Without tombstones the same node forgets: what the tests above rest on.
func TestKeepDeletesNoneLeavesItToTheNodeWhichForgets(t *testing.T) {
	t.Parallel()
	s := newScene(t, fmt.Sprintf(forgetful, ", keep_deletes: none"))
	fn := s.function("ingest", nil)
	s.same("delete", s.invoke(fn, s.event(s.row("c", 1, 1, 100), s.row("d", 1, 1, 300))), none)
	if all := s.found(s.collection, `{"match_all":{}}`); len(all) > 0 {
		t.Errorf("a tombstone was written: %v", all)
	}
	time.Sleep(beyond)
	s.same("older change", s.invoke(fn, s.event(s.row("u", 1, 2, 200))), none)
	if got := s.living()["1"]; got != "2" {
		t.Errorf("the row has %q", got)
	}
}

func TestExpiredTombstonesArePurgedAndWhatReplacedOneStays(t *testing.T) {
	t.Parallel()
	s := newScene(t, fmt.Sprintf(forgetful, ", keep_deletes: 1h"))
	ingest, rotate := s.function("ingest", nil), s.function("rotate", nil)
	s.same("changes", s.invoke(ingest, s.event(s.row("c", 1, 1, 100), s.row("c", 2, 1, 100), s.row("c", 3, 1, 100), s.row("d", 1, 1, 300), s.row("d", 2, 1, 300))), none)
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
	everything := func() []string { return keys(s.found(s.collection, `{"match_all":{}}`)) }
	s.same("documents and tombstones", everything(), []string{"1", "2", "3"})
	s.same("first run", s.rotated(rotate, at(50*time.Minute)).steps(s.collection), []string{})
	s.proxy.Inject(faultproxy.Bulk, 1, func(x *faultproxy.Exchange) { // between the search and the delete
		s.same("a newer row", s.deliver(ingest, s.event(s.row("c", 1, 4, 301))), none)
		faultproxy.Pass(x)
	})
	s.same("later run", s.rotated(rotate, at(2*time.Hour)).steps(s.collection), []string{"purge " + s.collection + "-000001"})
	s.same("documents", everything(), []string{"1", "3"})
	s.same("the next change of a purged one", s.invoke(ingest, s.event(s.row("c", 2, 5, 301))), none)
	s.same("documents", keys(s.documents()), []string{"1", "2", "3"})
	s.same("last run", s.rotated(rotate, at(2*time.Hour)).steps(s.collection), []string{})
}

// An index that a version without tombstones made learns their field before the first one.
func TestAnOlderIndexTakesTombstonesAndShowsNone(t *testing.T) {
	t.Parallel()
	s := newScene(t, fmt.Sprintf(forgetful, ""))
	call(t, s.node, http.MethodPut, "/"+s.collection+"-000001", fmt.Sprintf(`{"settings":{"number_of_replicas":0},"aliases":{%q:{"is_write_index":true}},
		"mappings":{"dynamic":"strict","_meta":{"sluice":{"collection":%q,"template":1}},"properties":{"id":{"type":"long"},"n":{"type":"long"}}}}`, s.collection, s.collection))
	s.same("changes", s.invoke(s.function("ingest", nil), s.event(s.row("c", 1, 1, 100), s.row("c", 2, 7, 100), s.row("d", 1, 1, 300))), none)
	s.searched(map[string]string{"2": "7"})
	rotate := s.function("rotate", nil)
	s.rotated(rotate, time.Now().UTC().Format(time.RFC3339))
	if got := s.living(); fmt.Sprint(got) != "map[2:7]" {
		t.Errorf("readers of the alias see %v", got)
	}
	s.same("the next run", s.rotated(rotate, time.Now().UTC().Format(time.RFC3339)).steps(s.collection), []string{})
	s.buried(nil)
}
