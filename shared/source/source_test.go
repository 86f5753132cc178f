package source

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

// server is a real database and how its tables are written.
type server struct {
	name string
	Config
	schema string
	types  map[string]string
}

var servers []server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sluice-source-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	ctx := context.Background()
	home := part.Home{Data: filepath.Join(dir, "data"), Say: func(s string) { fmt.Fprintln(os.Stderr, s) }}
	pg, err := part.StartPostgres(ctx, home, part.PostgresOptions{})
	if err != nil {
		return fail(err)
	}
	defer pg.Stop(ctx) //nolint:errcheck // the test is over
	maria, err := part.StartMariaDB(ctx, home, part.MariaDBOptions{})
	if err != nil {
		return fail(err)
	}
	defer maria.Stop(ctx) //nolint:errcheck // the test is over
	my, err := part.StartMySQL(ctx, home, part.MySQLOptions{})
	if err != nil {
		return fail(err)
	}
	defer my.Stop(ctx) //nolint:errcheck // the test is over
	servers = []server{
		{"PostgreSQL", Config{Driver: "postgres", DSN: pg.URL}, "public", map[string]string{"bytes": "bytea", "stamp": "timestamptz", "double": "double precision", "json": "jsonb", "list": "text[]", "unsigned": "numeric(20)", "single": "real"}},
		{"MariaDB", Config{Driver: "mysql", DSN: maria.DSN}, "shop", map[string]string{"bytes": "varbinary(20)", "stamp": "datetime(6)", "double": "double", "json": "json", "list": "json", "unsigned": "bigint unsigned", "single": "float"}},
		{"MySQL", Config{Driver: "mysql", DSN: my.DSN}, "shop", map[string]string{"bytes": "varbinary(20)", "stamp": "datetime(6)", "double": "double", "json": "json", "list": "json", "unsigned": "bigint unsigned", "single": "float"}},
	}
	return m.Run()
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// each is the contract: the same of every database.
func each(t *testing.T, test func(t *testing.T, s server, db *sql.DB)) {
	for _, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			source, err := New(s.Config, nil, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			db, err := source.connect(login{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			test(t, s, db)
		})
	}
}

func (s server) table(t *testing.T, name, definition string) *Table {
	t.Helper()
	text := "name: " + name + "\n" + strings.NewReplacer("SCHEMA", s.schema, "DRIVER", s.Driver).Replace(definition)
	set, err := collection.Load(fstest.MapFS{name + ".yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	source, err := New(s.Config, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(source.close)
	return source.Table(set.All()[0])
}

// close lets the server end without waiting for us.
func (s *Source) close() {
	if s.db != nil {
		pool, _ := s.db.DB()
		_ = pool.Close()
	}
}

func execute(t *testing.T, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
		t.Fatalf("%.200s: %v", text, err)
	}
}

const valueFields = `id: {fields: [id]}
fields: {id: {type: long}, paid: {type: boolean}, doc: {type: flat_object}, list: {type: keyword}, n: {type: unsigned_long}}
index: {policy: single}
rows: {driver: DRIVER, table: SCHEMA.vals}
`

func TestValuesOfARowAreExact(t *testing.T) {
	each(t, func(t *testing.T, s server, db *sql.DB) {
		list := `["a","b, \"c\"",null]`
		if s.Driver == "postgres" {
			list = `{a,"b, \"c\"",NULL}`
		}
		execute(t, db, "create table vals(id bigint primary key, total decimal(30,10), paid boolean, raw "+s.types["bytes"]+", at "+s.types["stamp"]+", d date, x "+s.types["double"]+
			", y "+s.types["single"]+", doc "+s.types["json"]+", list "+s.types["list"]+", n "+s.types["unsigned"]+", t varchar(40))")
		at := "2026-02-10 08:30:00.123456"
		execute(t, db, `insert into vals values(9007199254740993, 12345678901234567890.0123456789, true, `+map[string]string{"postgres": `'\x00ff'`, "mysql": "x'00ff'"}[s.Driver]+
			`, '`+at+`', '2026-02-10', 0.1, 0.1, '{"a": 1.10, "big": 9007199254740993}', '`+strings.ReplaceAll(list, `\`, map[string]string{"postgres": `\`, "mysql": `\\`}[s.Driver])+`', 18446744073709551615, 'ünd <b> \"')`)
		execute(t, db, "insert into vals(id) values(-1)")
		found, err := s.table(t, "vals", valueFields).Find(t.Context(), []string{"9007199254740993", "-1", "7"})
		if err != nil || len(found) != 2 {
			t.Fatal(err, found)
		}
		got := string(found["9007199254740993"].Document)
		n := "18446744073709551615"
		text := map[string]string{"postgres": `"ünd <b> \\\""`, "mysql": `"ünd <b> \""`}[s.Driver]
		if s.Driver == "postgres" {
			n = `"` + n + `"` // a decimal
		}
		want := `{"id":9007199254740993,"total":"12345678901234567890.0123456789","paid":true,"raw":"AP8=","at":"2026-02-10T08:30:00.123456Z","d":"2026-02-10","x":0.1,"y":0.1,"doc":DOC,"list":LIST,"n":` + n + `,"t":` + text + `}`
		doc, list := `{"a":1.10,"big":9007199254740993}`, `["a","b, \"c\"",null]`
		if s.Driver == "mysql" { // a JSON column is text, which a keyword takes as it is
			if s.name == "MySQL" { // which stores it parsed: 1.10 is 1.1, and a space is behind each comma
				doc, list = strings.Replace(doc, "1.10", "1.1", 1), strings.ReplaceAll(list, ",", ", ")
				list = strings.Replace(list, "b, ", "b,", 1)
			}
			list = strconv.Quote(list)
		}
		want = strings.NewReplacer("DOC", doc, "LIST", list).Replace(want)
		if got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
		if got := string(found["-1"].Document); !strings.HasPrefix(got, `{"id":-1,"total":null,"paid":null`) {
			t.Error(got)
		}
	})
}

const pairFields = `id: {fields: [a, b]}
fields: {a: {type: keyword}, b: {type: integer}, text: {type: keyword}}
index: {policy: single}
rows: {driver: DRIVER, table: SCHEMA.pairs, key: [a_1, b_1], deleted: gone_at}
mapping:
- rename: {a_1: a, b_1: b}
  drop: [gone_at]
  examples: [{input: {a_1: x, gone_at: y}, want: {a: x}}]
`

// Ids are values, whatever is in them; what cannot be a key has no row, and hides none.
func TestRowsAreFoundByWhateverIdsThereAre(t *testing.T) {
	each(t, func(t *testing.T, s server, db *sql.DB) {
		execute(t, db, "create table pairs(a_1 varchar(60), b_1 int, text varchar(20), gone_at timestamp null, primary key(a_1, b_1))")
		hostile := []string{"x' OR '1'='1", `"; drop table pairs; --`, "a|b", `\`, "ü日本", "%", "X"}
		for i, a := range hostile {
			execute(t, db, strings.NewReplacer("$1", map[string]string{"postgres": "$1", "mysql": "?"}[s.Driver], "$2", map[string]string{"postgres": "$2", "mysql": "?"}[s.Driver]).
				Replace("insert into pairs(a_1, b_1, text) values($1, $2, 'there')"), a, i)
		}
		execute(t, db, "insert into pairs values('deleted', 1, 'x', '2026-01-01 00:00:00')")
		table := s.table(t, "pairs", pairFields)
		ids := []string{"deleted|1", "x|99", "x|not-a-number", "x|99999999999", "x\x00|1", "alone", "a|b|c", "x|6", "\xff|1"}
		var want []string
		for i, a := range hostile {
			id := strings.NewReplacer(`\`, `\\`, "|", `\|`).Replace(a) + "|" + fmt.Sprint(i)
			ids, want = append(ids, id), append(want, id)
		}
		found, err := table.Find(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range want {
			if !strings.Contains(string(found[id].Document), `"text":"there"`) {
				t.Errorf("no row of %q: %s", id, found[id].Document)
			}
		}
		if len(found) != len(want) {
			t.Errorf("%d rows, want %d", len(found), len(want))
		}
		if key, ok := table.Key(want[2]); !ok || string(key) != `{"a_1":"a|b","b_1":2}` {
			t.Errorf("key %s", key)
		}
		if _, ok := table.Key("x|not-a-number"); ok {
			t.Error("what cannot be a key has one")
		}
	})
}

const manyFields = `id: {fields: [id]}
fields: {id: {type: keyword}, n: {type: long}}
index: {policy: single}
rows: {driver: DRIVER, table: SCHEMA.many}
`

func TestMoreThanAThousandRowsAreAskedForInPortions(t *testing.T) {
	each(t, func(t *testing.T, s server, db *sql.DB) {
		execute(t, db, "create table many(id varchar(20) primary key, n bigint)")
		var values, ids []string
		for i := range 3500 {
			ids = append(ids, fmt.Sprint("k", i))
			values = append(values, fmt.Sprintf("('k%d', %d)", i, i))
		}
		execute(t, db, "insert into many values"+strings.Join(values, ","))
		slices.Reverse(ids)
		found, err := s.table(t, "many", manyFields).Find(t.Context(), ids)
		if err != nil || len(found) != 3500 {
			t.Fatal(err, len(found))
		}
		for i, id := range ids {
			if want := fmt.Sprintf(`{"id":%q,"n":%d}`, id, 3499-i); string(found[id].Document) != want {
				t.Fatalf("%s is %s", id, found[id].Document)
			}
		}
	})
}

type secret string

func (s *secret) Secret(context.Context, string) (string, error) { return string(*s), nil }

// The clock is the test's, so that the pause after a failure is no wait.
func TestADatabaseThatIsDownIsLeftAloneAndItsLoginAskedForAgain(t *testing.T) {
	s := servers[1]
	now := time.Unix(1, 0)
	word := secret(`{"username":"nobody","password":"wrong"}`)
	c := s.Config
	c.SecretARN = "arn"
	source, err := New(c, &word, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	table := s.table(t, "many", manyFields)
	table.source = source
	ask := func() error { _, err := table.Find(t.Context(), []string{"1"}); return err }
	if err := ask(); fault.KindOf(err) != fault.Unavailable || strings.Contains(err.Error(), "wrong") {
		t.Fatal(err)
	}
	word = `{"username":"sluice","password":""}`
	if err := ask(); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("asked again at once: %v", err)
	}
	now = now.Add(Pause)
	if err := ask(); err != nil && !strings.Contains(err.Error(), "many") { // the table may not be there yet
		t.Errorf("the new login is not used: %v", err)
	}
	for _, dsn := range []string{"mysql://secret:hunter2@x", "://"} {
		c.DSN = dsn
		if _, err := New(c, nil, time.Now); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

const exactFields = `id: {fields: [id]}
fields: {id: {type: long}, tenant: {type: keyword}, at: {type: date}}
index: {policy: single}
rows: {driver: DRIVER, table: SCHEMA.exact, columns: [id, tenant, at]}
`

// what a column may be that finds more than its own bytes equal, and a text of it as the
// column gives it back.
var loose = map[string][]string{
	"postgres": {"citext", "varchar(20)", "char(6)", "text collate loose"},
	"mysql":    {"varchar(20) collate utf8mb4_general_ci", "varchar(20) character set latin1", "char(6) character set latin1", "varchar(20) character set utf16"},
}

// Whatever a column's collation, characters and padding: a tenant is its own bytes, all
// rows are found page by page, and what the column cannot hold is found nowhere.
func TestTextIsComparedByItsBytesInWhateverColumnItIs(t *testing.T) {
	each(t, func(t *testing.T, s server, db *sql.DB) {
		if s.Driver == "postgres" {
			execute(t, db, "create extension if not exists citext")
			execute(t, db, "create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
		}
		for _, kind := range loose[s.Driver] {
			execute(t, db, "drop table if exists exact")
			execute(t, db, "create table exact(id bigint primary key, tenant "+kind+", at "+s.types["stamp"]+")")
			execute(t, db, "insert into exact(id, tenant) values(1, 'a'), (2, 'A'), (3, 'ä'), (4, 'Ä'), (5, 'b'), (6, 'b'), (7, null), (8, '')")
			if !strings.HasPrefix(kind, "char") {
				execute(t, db, "insert into exact(id, tenant) values(9, 'a ')")
			}
			table := s.table(t, "exact", exactFields)
			all, err := table.Page(t.Context(), query.Relation{Where: query.Condition{Op: "and"}, Sort: []query.Order{{Column: "tenant", Type: "keyword"}}, Size: 100})
			if err != nil {
				t.Fatal(kind, err)
			}
			ids := map[string][]string{}
			for _, one := range all.Rows {
				var document struct{ Tenant *string }
				if err := json.Unmarshal(one.Document, &document); err != nil {
					t.Fatal(err)
				}
				if document.Tenant != nil {
					ids[*document.Tenant] = append(ids[*document.Tenant], one.ID)
				}
			}
			for _, tenant := range []string{"a", "A", "a ", "ä", "Ä", "b", "B", "", " ", "日本", "😀", "a\x00"} {
				found, err := table.Page(t.Context(), query.Relation{Where: query.Condition{Op: "=", Column: "tenant", Type: "keyword", Value: tenant}, Sort: []query.Order{{Column: "id", Type: "long"}}, Size: 100})
				if err != nil && fault.KindOf(err) != fault.Invalid {
					t.Fatalf("%s, %q: %v", kind, tenant, err)
				}
				var got []string
				for _, one := range found.Rows {
					got = append(got, one.ID)
				}
				if want := ids[tenant]; err == nil && (!slices.Equal(got, want) || found.Total != int64(len(want))) {
					t.Errorf("%s: of %q are %v, %d of them, want %v", kind, tenant, got, found.Total, want)
				}
			}
			for _, desc := range []bool{false, true} {
				q := query.Relation{Where: query.Condition{Op: "and"}, Sort: []query.Order{{Column: "tenant", Type: "keyword", Desc: desc}}, Size: 1}
				var got []string
				for range 12 {
					page, err := table.Page(t.Context(), q)
					if err != nil {
						t.Fatal(kind, err)
					}
					if len(page.Rows) == 0 {
						break
					}
					got, q.After = append(got, page.Rows[0].ID), page.Rows[0].Place
				}
				slices.Sort(got)
				if unique := slices.Compact(slices.Clone(got)); len(unique) != len(all.Rows) || len(got) != len(all.Rows) {
					t.Errorf("%s: page by page %v of %d rows", kind, got, len(all.Rows))
				}
			}
		}
	})
}

// A row whose key is null is no document, and hides none.
func TestARowWithoutAKeyHidesNoOther(t *testing.T) {
	each(t, func(t *testing.T, s server, db *sql.DB) {
		execute(t, db, "drop table if exists exact")
		execute(t, db, "create table exact(id bigint unique, tenant varchar(20), at "+s.types["stamp"]+")")
		execute(t, db, "insert into exact(id, tenant) values(1, 'a'), (null, 'b'), (3, 'c')")
		table := s.table(t, "exact", exactFields)
		page, err := table.Page(t.Context(), query.Relation{Where: query.Condition{Op: "and"}, Sort: []query.Order{{Column: "tenant", Type: "keyword"}}, Size: 10})
		if err != nil || len(page.Rows) != 3 || page.Rows[0].ID != "1" || page.Rows[1].Document != nil || page.Rows[2].ID != "3" {
			t.Errorf("%v %+v", err, page.Rows)
		}
		if found, err := table.Find(t.Context(), []string{"1", "", "3"}); err != nil || len(found) != 2 {
			t.Errorf("%v %v", err, found)
		}
	})
}
