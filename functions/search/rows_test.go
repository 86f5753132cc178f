package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/producer"
	"github.com/sluice-dev/sluice/shared/query"
	dbrow "github.com/sluice-dev/sluice/shared/row"
)

const saleFile = `name: sales
id: {fields: [id]}
fields: {id: {type: long}}
index: {policy: single}
rows: {driver: postgres, table: public.sales}
`

// takingRepairs is a queue that takes all messages but the first of each Send.
type takingRepairs struct{ bodies []string }

func (q *takingRepairs) Send(_ context.Context, messages []producer.Message) []error {
	fates := make([]error, len(messages))
	for i, m := range messages {
		q.bodies = append(q.bodies, string(m.Body))
		if i == 0 {
			fates[i] = fault.New(fault.Unavailable, "not taken")
		}
	}
	return fates
}

func (q *takingRepairs) Ping(context.Context) error { return nil }

type keyedRows struct{}

func (keyedRows) Find(context.Context, []string) (map[string]dbrow.Found, error) { return nil, nil }
func (keyedRows) Page(context.Context, query.Relation) (dbrow.Page, error)       { return dbrow.Page{}, nil }
func (keyedRows) Key(id string) ([]byte, bool)                                   { return []byte(`{"id":` + id + `}`), id != "7" }

func TestRepairsAreBoundedAndNotSentTwiceWithinAMinute(t *testing.T) {
	set, err := collection.Load(fstest.MapFS{"sales.yaml": {Data: []byte(saleFile)}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	q := &takingRepairs{}
	s := newServer(Config{}, set, nil, q, slog.New(slog.DiscardHandler), func() time.Time { return now })
	s.tables = map[string]table{"sales": keyedRows{}}
	v := s.collections[0]
	var all []repair
	for i := range 150 {
		all = append(all, repair{hit: hit{ID: fmt.Sprint(i), Version: 3}})
	}
	if n := s.repair(t.Context(), v, all); n != 0 || len(q.bodies) != 0 {
		t.Fatalf("%d repairs before a document has met its row", n)
	}
	s.matched.Store("sales", true)
	for round, want := range []int{mostRepairs - 1, 150 - mostRepairs - 1, 0} { // ids but 7; the first of each time is not taken, and tried again
		if n := s.repair(t.Context(), v, all); n != want {
			t.Errorf("round %d: %d repairs taken, want %d", round, n, want)
		}
	}
	if want := `{"sluice":"change","table":"public.sales","op":"delete","version":3,"ties":true,"row":{"id":0}}`; q.bodies[0] != want {
		t.Errorf("%s", q.bodies[0])
	}
	now = now.Add(repaired)
	if n := s.repair(t.Context(), v, all[:10]); n != 8 {
		t.Errorf("%d repairs a minute later, want 8", n)
	}
	v.Rows.Repair = "none"
	now = now.Add(repaired)
	if n := s.repair(t.Context(), v, all); n != 0 {
		t.Errorf("%d repairs though the collection wants none", n)
	}
}

// Limits hold whoever answers, and nobody keeps a row that may change.
func TestASearchOfATableIsHeldToItsLimitsAndNotKept(t *testing.T) {
	set, err := collection.Load(fstest.MapFS{"sales.yaml": {Data: []byte(strings.Replace(saleFile, "public.sales", "public.sales, columns: [id]", 1) + "search: {sort: \"id:asc\", limits: {clauses: 3}, cache: {fresh: 1m}}\n")}})
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(Config{}, set, nil, nil, slog.New(slog.DiscardHandler), time.Now)
	s.tables = map[string]table{"sales": keyedRows{}}
	ask := func(query string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.newEngine().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/sales/search?q="+url.QueryEscape(query), nil))
		return w
	}
	if w := ask("id:1 OR id:2"); w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "private, no-cache" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := ask("id:1 OR id:2 OR id:3 OR id:4"); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "too_costly") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
