package source

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

const quotedFields = `id: {fields: [id]}
fields: {id: {type: keyword}, at: {type: keyword}, n: {type: keyword}}
index: {policy: single}
rows: {driver: DRIVER, table: SCHEMA.quoted}
`

// What people search for, and what rows hold, is in a database's own words; what is logged
// is the table, the class and the code.
func TestADatabasesErrorIsLoggedWithoutTheValuesItQuotes(t *testing.T) {
	each(t, func(t *testing.T, s server, db *sql.DB) {
		execute(t, db, "create table quoted(id int primary key, at "+s.types["stamp"]+", n int)")
		execute(t, db, "insert into quoted values(1, '2026-01-01 00:00:00', 1)")
		table := s.table(t, "quoted", quotedFields)
		if s.Driver == "mysql" { // whose own errors of a SELECT quote no row
			execute(t, db, "create function quoting_of(x int) returns int deterministic begin declare m text; set m = concat('a row holds hunter', x); signal sqlstate '45000' set message_text = m; return x; end")
			execute(t, db, "create view quoting as select id, quoting_of(id + 1) as at, n from quoted")
		} else {
			execute(t, db, "create view quoting as select id, ('hunter' || id + 1)::int as at, n from quoted")
		}
		view := s.table(t, "quoting", strings.ReplaceAll(quotedFields, "quoted", "quoting"))
		gone := s.table(t, "absent", strings.ReplaceAll(quotedFields, "quoted", "absent_hunter2"))
		for _, c := range []struct {
			table *Table
			where query.Condition
			kind  fault.Kind
			want  map[string]string
			words map[string]string // of the database, which quote
		}{
			{
				table, query.Condition{Op: "=", Column: "at", Type: "keyword", Value: "hunter2"}, fault.Invalid,
				map[string]string{"postgres": "SCHEMA.quoted: data exception (SQLSTATE 22007)"}, map[string]string{"postgres": "hunter2"},
			},
			{
				view, query.Condition{Op: "exists", Column: "at"}, fault.Invalid,
				map[string]string{"postgres": "SCHEMA.quoting: data exception (SQLSTATE 22P02)"}, map[string]string{"postgres": `invalid input syntax for type integer: "hunter2"`},
			},
			{
				view, query.Condition{Op: "exists", Column: "at"}, fault.Unavailable,
				map[string]string{"mysql": "SCHEMA.quoting: refused (MySQL error 1644, SQLSTATE 45000)"}, map[string]string{"mysql": "a row holds hunter2"},
			},
			{
				table, query.Condition{Op: "=", Column: "n", Type: "keyword", Value: "hunter2"}, fault.Invalid,
				map[string]string{"postgres": "SCHEMA.quoted: data exception (SQLSTATE 22P02)"}, map[string]string{"postgres": `invalid input syntax for type integer: "hunter2"`},
			},
			{
				gone, query.Condition{Op: "and"}, fault.Unavailable,
				map[string]string{"postgres": "syntax or access rule (SQLSTATE 42P01)", "mysql": "syntax or access rule (MySQL error 1146, SQLSTATE 42S02)"}, map[string]string{"postgres": "absent_hunter2", "mysql": "absent_hunter2"},
			},
		} {
			if c.want[s.Driver] == "" {
				continue
			}
			_, err := c.table.Page(t.Context(), query.Relation{Where: c.where, Size: 1})
			cause, ok := errors.AsType[failure](err)
			if !ok || fault.KindOf(err) != c.kind || !strings.HasSuffix(cause.Error(), strings.ReplaceAll(c.want[s.Driver], "SCHEMA", s.schema)) {
				t.Fatalf("%v", err)
			}
			if words := cause.err.Error(); !strings.Contains(words, c.words[s.Driver]) {
				t.Errorf("the database no longer says it: %s", words)
			}
			if c.table != gone && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v", err)
			}
			t.Logf("logged: %v; not: %v", err, cause.err)
		}
	})
}

// What is no server's and no network's may hold anything.
func TestAnErrorOfUnknownOriginIsLoggedByItsType(t *testing.T) {
	_, parsed := time.Parse(time.RFC3339, "hunter2")
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("scan %q: %w", "hunter2", parsed), "t: *time.ParseError"},
		{errors.New("hunter2"), "t: *errors.errorString"},
		{fmt.Errorf("hunter2: %w", io.ErrUnexpectedEOF), "t: unexpected EOF"},
		{fmt.Errorf("hunter2: %w", defect("the table has no column at")), "t: the table has no column at"},
	} {
		if got := (failure{"t", c.err}).Error(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// Before a connection is made nothing was searched for and no row read: what is wrong is
// told in words, else nobody could put it right.
func TestAConnectionThatCannotBeMadeIsLoggedWithWhatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, s server, _ *sql.DB) {
		how := map[string]string{"postgres": "?sslmode=require", "mysql": "?tls=skip-verify"}[s.Driver] // which none of them serves
		s.DSN += how
		_, err := s.table(t, "quoted", quotedFields).Find(t.Context(), []string{"1"})
		want := map[string]string{"postgres": "server refused TLS connection", "mysql": "TLS requested but server does not support TLS"}[s.Driver]
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), want) {
			t.Errorf("%v", err)
		}
		t.Logf("logged: %v", err)
	})
}
