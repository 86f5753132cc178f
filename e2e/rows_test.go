package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/sluice-dev/sluice/shared/envelope"
	"github.com/sluice-dev/sluice/shared/lambdatest"
	"github.com/sluice-dev/sluice/shared/row"
)

const saleFields = `id: {fields: [id]}
version: {field: version}
fields:
  id: {type: long}
  version: {type: long}
  status: {type: keyword}
  total: {type: scaled_float, mapping: {scaling_factor: 100}}
  paid: {type: boolean}
  at: {type: date}
  note: {type: text}
  secret: {type: keyword}
search: {hidden: [secret], sort: "at:desc", max_size: 10000}
index: {policy: single, replicas: 0}
`

// sales is a scene whose collection is a table of a database.
type sales struct {
	searched
	database
	db *gorm.DB
}

// newSales has so many rows, all indexed. rows is the collection's block, in braces.
func newSales(t *testing.T, d database, db *gorm.DB, rows string) sales {
	t.Helper()
	block := "rows: {driver: " + d.driver + ", table: " + d.schema + ".sales, deleted: gone_at, " + rows + "}\n"
	return sales{searched{scene: newScene(t, saleFields+block)}, d, db}
}

// serve starts the search function that can read rows.
func (s *sales) serve(env map[string]string) {
	s.Helper()
	boot, err := world.rows()
	if err != nil {
		s.Fatal(err)
	}
	dsn, _, _ := strings.Cut(s.dsn, "?")
	vars := map[string]string{"ROWS_DSN": dsn}
	for name, value := range env {
		vars[name] = value
	}
	s.fn = s.function("search", vars, func(c *lambdatest.Config) { c.Bootstrap = boot })
}

func fill(t *testing.T, d database, db *gorm.DB, count int) {
	t.Helper()
	at := map[string]string{"postgres": "timestamptz", "mysql": "datetime(6)"}[d.driver]
	must(t, db.Exec("create table sales(id bigint primary key, version bigint not null, status varchar(20), total decimal(12,2), paid boolean, at "+at+", note text, secret text, gone_at "+at+")").Error)
	random := rand.New(rand.NewPCG(1, 2))
	var all []map[string]any
	for i := range count {
		one := map[string]any{
			"id": int64(i) * 7919 % 100_003, "version": 1, "note": fmt.Sprint("note ", i), "secret": "never shown",
			"status": []string{"paid", "Paid", "PAID", "paid ", "ünd", "a b|c\\", "new"}[random.IntN(7)],
			"total":  fmt.Sprintf("%d.%02d", random.IntN(40)-20, random.IntN(4)*25), "paid": random.IntN(2) == 0,
			"at": time.Date(2026, 2, 1+random.IntN(5), random.IntN(3), 0, 0, random.IntN(2)*1e6, time.UTC),
		}
		for _, name := range []string{"status", "total", "paid", "at"} { // in an order, so that the rows are the same each time
			if random.IntN(9) == 0 {
				one[name] = nil
			}
		}
		all = append(all, one)
	}
	must(t, db.Table("sales").CreateInBatches(all, 500).Error)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// index stores the table's rows in the collection, as an outbox would have it.
func (s *sales) index() {
	s.Helper()
	found, err := s.db.Table("sales").Rows()
	must(s.T, err)
	defer found.Close() //nolint:errcheck // read to its end
	r, err := row.NewReader(found, []string{"paid"})
	must(s.T, err)
	var messages []message
	for found.Next() {
		_, literals, err := r.Read(found)
		must(s.T, err)
		body, err := envelope.Change{Op: "index", Row: r.Object(literals)}.Body()
		must(s.T, err)
		messages = append(messages, message{ID: fmt.Sprint(len(messages)), Body: string(body)})
	}
	must(s.T, found.Err())
	ingest := s.function("ingest", nil)
	for part := range slices.Chunk(messages, 1000) {
		if failed := s.invoke(ingest, s.event(part...)); len(failed) > 0 {
			s.Fatalf("not stored: %v", failed)
		}
	}
	s.documents() // refreshes
}

type found struct {
	ID     string
	Source json.RawMessage
	Stale  bool

	Highlight json.RawMessage
}

type rowsAnswer struct {
	Total struct {
		Value    int
		Relation string
	}
	Documents    []found
	Next         string
	Completeness struct {
		Complete bool
		Reasons  []string
		Shards   struct{ Total int }
		Drift    struct {
			Missing, Outdated []string
			Repairs           int
		}
	}
}

func (s *sales) ask(values url.Values) (a rowsAnswer) {
	s.Helper()
	status, body := s.get("/search", values)
	if err := json.Unmarshal([]byte(body), &a); err != nil || status != http.StatusOK {
		s.Fatalf("%v: %d %.500s", values, status, body)
	}
	if strings.Contains(body, "never shown") {
		s.Errorf("%v: a hidden field is shown", values)
	}
	return a
}

// all follows the cursors and gives each document as text.
func (s *sales) all(values url.Values) (documents []string, first rowsAnswer) {
	s.Helper()
	for page := 0; ; page++ {
		a := s.ask(values)
		if page == 0 {
			first = a
		}
		for _, d := range a.Documents {
			var source map[string]json.RawMessage
			must(s.T, json.Unmarshal(d.Source, &source))
			text, err := json.Marshal(source) // OpenSearch leaves hidden fields out in an order of its own
			must(s.T, err)
			documents = append(documents, d.ID+string(text))
		}
		if a.Next == "" || page > 400 {
			return documents, first
		}
		values = url.Values{"cursor": {a.Next}, "size": values["size"], "sort": values["sort"], "q": values["q"], "filter": values["filter"], "fields": values["fields"]}
		for name := range values {
			if values[name] == nil {
				delete(values, name)
			}
		}
	}
}

// The database alone, OpenSearch and the database, and OpenSearch alone answer alike: the
// same documents in the same order, page by page, byte by byte, of more than a thousand ids.
func TestRowsAreTheSameDocumentsByWhicheverWay(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		db := d.open(t)
		fill(t, d, db, 1300)
		direct := newSales(t, d, db, "columns: [id, status, total, paid, at]")
		rows := newSales(t, d, db, "repair: none")
		plain := sales{searched{scene: newScene(t, saleFields)}, d, db}
		for _, s := range []*sales{&direct, &rows, &plain} {
			s.index()
			s.serve(nil)
		}
		for _, query := range []string{
			"size=1300", "size=1300&sort=status:asc", "size=1300&sort=total:desc,status:desc", "size=211", "size=211&sort=paid:asc,total:asc", "size=211&sort=status:desc,at:asc",
			"size=9&filter=status:paid", "size=211&filter=status:Paid", "size=211&filter=status:paid%20", "size=211&filter=status:%C3%BCnd", "size=211&q=status:%22a%20b%7Cc%5C%5C%22",
			"size=211&q=status:paid%20OR%20id:7919", "size=211&q=NOT%20status:paid", "size=211&q=NOT%20status:*", "size=211&q=NOT%20total:%3E0", "size=211&q=total:%3E10.5&sort=total:asc",
			"size=211&q=total:%5B-3%20TO%207.25%7D", "size=211&q=total:0", "size=211&filter=paid:true", "size=211&q=NOT%20paid:false", "size=211&q=at:2026-02-03", "size=211&q=at:%3C2026-02-02T01:00",
			"size=211&q=status:%5BP%20TO%20n%5D", "size=5&offset=31&sort=id:asc", "size=0", "size=211&fields=id,status,nothing", "size=211&q=id:%3E99999999999", "size=211&filter=id:-9223372036854775808",
			"size=211&q=(status:paid%20AND%20NOT%20(paid:true%20OR%20total:%3C0))",
		} {
			values, err := url.ParseQuery(query)
			must(t, err)
			got, a := direct.all(values)
			by, b := rows.all(values)
			want, c := plain.all(values)
			if a.Completeness.Shards.Total != 0 || b.Completeness.Shards.Total == 0 || !a.Completeness.Complete || !b.Completeness.Complete {
				t.Errorf("%s: not answered as it should be: %+v %+v", query, a.Completeness, b.Completeness)
			}
			if a.Total != c.Total || b.Total != c.Total {
				t.Errorf("%s: totals %v, %v, want %v", query, a.Total, b.Total, c.Total)
			}
			for name, list := range map[string][]string{"the database": got, "the database after OpenSearch": by} {
				if i := unlike(list, want); i >= 0 {
					t.Errorf("%s: %s differs at %d of %d, %d:\n got %s\nwant %s", query, name, i, len(list), len(want), at(list, i), at(want, i))
				}
			}
		}
		// What the database cannot answer goes the other way; nothing is left out.
		for _, query := range []string{"q=note", "q=note:%22note%207%22&sort=id:asc", "q=status:pai*"} {
			values, _ := url.ParseQuery(query)
			if status, body := direct.get("/search", values); status == http.StatusOK && !strings.Contains(body, `"shards":{"total":1`) {
				t.Errorf("%s: %s", query, body)
			}
		}
		if status, body := direct.get("/documents/0", nil); status != http.StatusOK || !strings.Contains(body, `"note 0"`) || strings.Contains(body, "never") {
			t.Errorf("%d %s", status, body)
		}
	})
}

func unlike(a, b []string) int {
	for i := range max(len(a), len(b)) {
		if at(a, i) != at(b, i) {
			return i
		}
	}
	return -1
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "nothing"
}

// Rows deleted and changed behind the index's back are told, and put right by the queue.
func TestDriftIsToldAndRepairedThroughTheQueue(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		db := d.open(t)
		fill(t, d, db, 40)
		s := newSales(t, d, db, "repair: queue")
		s.index()
		p := s.pipe(4, 100, s.function("ingest", nil))
		s.serve(map[string]string{"INGEST_QUEUE_URL": p.url})
		query := url.Values{"q": {"note"}, "size": {"100"}, "sort": {"id:asc"}, "highlight": {"true"}}
		var ids []string
		for _, one := range s.ask(query).Documents {
			ids = append(ids, one.ID)
		}
		gone, hidden, changed := ids[0:3], ids[3:5], ids[10:14]
		must(t, db.Exec("delete from sales where id in ?", gone).Error)
		must(t, db.Exec("update sales set gone_at = ? where id in ?", time.Now(), hidden).Error)
		must(t, db.Exec("update sales set version = 5, status = 'changed' where id in ?", changed).Error)

		a := s.ask(query)
		drift := a.Completeness.Drift
		s.same("missing", drift.Missing, append(slices.Clone(gone), hidden...))
		s.same("outdated", drift.Outdated, changed)
		if drift.Repairs != 9 || a.Completeness.Complete || len(a.Documents) != 35 || len(a.Completeness.Reasons) != 1 {
			t.Errorf("%+v, %d documents", a.Completeness, len(a.Documents))
		}
		for i, one := range a.Documents {
			if one.ID != ids[i+5] || slices.Contains(changed, one.ID) != strings.Contains(string(one.Source), `"changed"`) || slices.Contains(changed, one.ID) == (one.Highlight != nil) {
				t.Errorf("%d is %s %s %s", i, one.ID, one.Source, one.Highlight)
			}
		}
		if again := s.ask(query).Completeness.Drift; len(again.Missing) > 0 && again.Repairs > 0 {
			t.Errorf("repaired again within a minute: %+v", again)
		}
		if status, _ := s.get("/documents/"+gone[0], nil); status != http.StatusNotFound {
			t.Errorf("a document without a row: %d", status)
		}
		// A row that is made anew in the meantime, with a later version, stays.
		must(t, db.Exec("insert into sales(id, version, note) values(?, 9, 'note reborn')", gone[0]).Error)
		if failed := s.invoke(s.function("ingest", nil), s.event(message{ID: "r", Body: `{"sluice":"change","op":"index","row":{"id":` + gone[0] + `,"version":9,"note":"note reborn"}}`})); len(failed) > 0 {
			t.Fatal(failed)
		}
		p.drained(60 * time.Second)
		s.documents()
		a = s.ask(query)
		if !a.Completeness.Complete || len(a.Completeness.Drift.Outdated)+a.Completeness.Drift.Repairs > 0 || len(a.Documents) != 36 || a.Total.Value != 36 {
			t.Errorf("after the repair: %+v, %d documents of %v", a.Completeness, len(a.Documents), a.Total)
		}
		documents := s.documents()
		for _, id := range changed {
			if !strings.Contains(string(documents[id]), `"changed"`) {
				t.Errorf("%s is not repaired: %s", id, documents[id])
			}
		}
		s.buried(nil)
	})
}

// A table in which no document finds its row is more likely the wrong one than empty.
func TestNothingIsRepairedBeforeADocumentHasMetItsRow(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		db := d.open(t)
		fill(t, d, db, 20)
		s := newSales(t, d, db, "repair: queue")
		s.index()
		url1, _ := queue(t, s.collection+"-repairs", nil)
		must(t, db.Exec("delete from sales").Error)
		s.serve(map[string]string{"INGEST_QUEUE_URL": url1})
		a := s.ask(url.Values{"size": {"100"}})
		if len(a.Completeness.Drift.Missing) != 20 || a.Completeness.Drift.Repairs != 0 || a.Completeness.Complete {
			t.Errorf("%+v", a.Completeness)
		}
	})
}

func TestWhileTheDatabaseIsDownDocumentsAreAsIndexedAndTheAnswerSaysSo(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		db := d.open(t)
		fill(t, d, db, 30)
		lenient := newSales(t, d, db, "columns: [id, status, at]")
		strict := newSales(t, d, db, "columns: [id, status, at], fallback: none")
		for _, s := range []*sales{&lenient, &strict} {
			s.index()
			s.serve(map[string]string{"ROWS_TIMEOUT": "1s"})
		}
		cursor := lenient.ask(url.Values{"size": {"10"}}).Next
		d.kill()
		for _, values := range []url.Values{{"q": {"note"}, "size": {"100"}}, {"size": {"100"}}, {"filter": {"status:paid"}}} {
			a := lenient.ask(values)
			if a.Completeness.Complete || !strings.Contains(strings.Join(a.Completeness.Reasons, ""), "database could not be read") || len(a.Documents) == 0 || !a.Documents[0].Stale {
				t.Errorf("%v: %+v %d", values, a.Completeness, len(a.Documents))
			}
			if status, body := strict.get("/search", values); status != http.StatusServiceUnavailable {
				t.Errorf("%v: %d %s", values, status, body)
			}
		}
		if status, body := lenient.get("/search", url.Values{"size": {"10"}, "cursor": {cursor}}); status != http.StatusServiceUnavailable {
			t.Errorf("the database's cursor: %d %s", status, body)
		}
		if status, body := lenient.get("/documents/0", nil); status != http.StatusOK || !strings.Contains(body, `"stale":true`) {
			t.Errorf("%d %s", status, body)
		}
	})
}

// tenantRows have three tenants that only bytes tell apart.
const tenantRows = `id: {fields: [id]}
fields:
  id: {type: long}
  tenant: {type: keyword}
  note: {type: text}
search: {sort: "id:asc", tenant: {field: tenant, claim: tenant_id}}
index: {policy: single, replicas: 0}
`

func TestTenantsSeeTheirOwnRowsWhateverTheColumnsCollation(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		db := d.open(t)
		kind := "varchar(20) collate utf8mb4_general_ci"
		if d.driver == "postgres" {
			must(t, db.Exec("create extension citext").Error)
			kind = "citext"
		}
		must(t, db.Exec("create table sales(id bigint primary key, tenant "+kind+", note text)").Error)
		tenants := []string{"acme", "ACME", "acme "}
		for i := range 30 {
			must(t, db.Exec("insert into sales values(?, ?, ?)", i, tenants[i%3], fmt.Sprintf("word of <%s>", tenants[i%3])).Error)
		}
		block := "rows: {driver: " + d.driver + ", table: " + d.schema + ".sales, repair: none, columns: [id, tenant]}\n"
		s := sales{searched{scene: newScene(t, tenantRows+block)}, d, db}
		s.index()
		s.serve(nil)
		base := "/v1/" + s.collection
		ask := func(tenant, method, path, query, body string) (int, string) {
			return s.as(map[string]string{"tenant_id": tenant}, method, base+path, query, body)
		}
		for i, tenant := range tenants {
			for _, one := range []struct {
				method, path, query, body string
				direct                    bool
			}{
				{"GET", "/search", "size=100", "", true},
				{"GET", "/search", "size=100&q=NOT+id:99", "", true},
				{"GET", "/search", "size=100&q=NOT+tenant:x+OR+id:%3E0", "", true},
				{"GET", "/search", "size=100&q=word", "", false},
				{"POST", "/search", "", `{"size":100}`, false},
				{"POST", "/search", "", `{"size":100,"query":{"terms":{"tenant":["acme","ACME","acme "]}},"sort":["id"]}`, false},
			} {
				status, body := ask(tenant, one.method, one.path, one.query, one.body)
				var a rowsAnswer
				if err := json.Unmarshal([]byte(body), &a); err != nil || status != http.StatusOK || a.Total.Value != 10 || len(a.Documents) != 10 || !a.Completeness.Complete || (a.Completeness.Shards.Total == 0) != one.direct {
					t.Errorf("%q %v: %d %s", tenant, one, status, body)
				}
				if n := strings.Count(body, fmt.Sprintf(`word of <%s>"`, tenant)); n != 10 {
					t.Errorf("%q %v: %d of its rows: %s", tenant, one, n, body)
				}
			}
			if status, body := ask(tenant, "GET", fmt.Sprint("/documents/", (i+1)%3), "", ""); status != http.StatusNotFound {
				t.Errorf("%q: another's row: %d %s", tenant, status, body)
			}
		}
		// A row that has become another's is no longer the first one's, by whichever way.
		must(t, db.Exec("update sales set tenant = 'ACME' where id = 0").Error)
		for _, one := range []struct{ tenant, path, query string }{{"acme", "/search", "size=100"}, {"acme", "/search", "size=100&q=word"}, {"acme", "/documents/0", ""}, {"ACME", "/documents/0", ""}} {
			if status, body := ask(one.tenant, "GET", one.path, one.query, ""); strings.Contains(body, `"id":"0"`) || status == http.StatusOK && one.path != "/search" {
				t.Errorf("%v: %d %s", one, status, body)
			}
		}
		if _, body := ask("ACME", "GET", "/search", "size=100", ""); strings.Count(body, `"source"`) != 11 {
			t.Errorf("the new tenant: %s", body)
		}
		if status, _ := s.as(nil, "GET", base+"/search", "", ""); status != http.StatusUnauthorized {
			t.Errorf("without a token: %d", status)
		}
	})
}
