package source

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

const slowFields = `id: {fields: [id]}
fields: {id: {type: long}}
index: {policy: single}
rows: {driver: DRIVER, table: SCHEMA.slow}
`

// running counts the server's queries that sleep.
func (s server) running(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	text := "select count(*) from information_schema.processlist where command in ('Query', 'Execute') and info like '%slow%' and info not like '%processlist%'"
	if s.Driver == "postgres" {
		text = "select count(*) from pg_stat_activity where state = 'active' and query like '%slow%' and query not like '%pg_stat_activity%'"
	}
	if err := db.QueryRowContext(t.Context(), text).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// The rows are those of a view that takes a minute, whoever waits for it. What was asked is
// gone soon after nobody does, although the process that asked does nothing more about it.
func TestAQueryThatNobodyWaitsForIsGoneFromTheDatabase(t *testing.T) {
	each(t, func(t *testing.T, s server, db *sql.DB) {
		sleep := map[string]string{"postgres": "pg_sleep(0.2)::text", "mysql": "sleep(0.2)"}[s.Driver]
		execute(t, db, "create table naps(id bigint primary key)")
		for i := range 300 {
			execute(t, db, "insert into naps values("+string(rune('0'+i/100))+string(rune('0'+i/10%10))+string(rune('0'+i%10))+")")
		}
		execute(t, db, "create view slow as select id from naps where length("+sleep+") >= 0")
		table := s.table(t, "slow", slowFields)
		asks := map[string]func(context.Context) error{
			"find": func(ctx context.Context) error {
				_, err := table.Find(ctx, []string{"1", "2", "3", "7", "9", "11", "13", "17", "19", "23", "29", "31"})
				return err
			},
			"page": func(ctx context.Context) error {
				_, err := table.Page(ctx, query.Relation{Where: query.Condition{Op: "and"}, Size: 10})
				return err
			},
		}
		if _, err := table.source.open(t.Context()); err != nil {
			t.Fatal(err)
		}
		table.source.reached = true // it is not down
		for name, ask := range asks {
			ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
			seen := make(chan int, 1)
			go func() {
				time.Sleep(350 * time.Millisecond)
				seen <- s.running(t, db)
			}()
			err := ask(ctx)
			cancel()
			if fault.KindOf(err) != fault.Timeout || errors.Is(err, sql.ErrNoRows) {
				t.Errorf("%s: %v", name, err)
			}
			if n := <-seen; n != 1 {
				t.Errorf("%s: %d queries ran while it was asked", name, n)
			}
			deadline := time.Now().Add(5 * time.Second)
			for s.running(t, db) > 0 && time.Now().Before(deadline) {
				time.Sleep(50 * time.Millisecond)
			}
			if n := s.running(t, db); n > 0 {
				t.Errorf("%s: it runs on", name)
			}
			t.Logf("%s: %v", name, err)
		}
		if _, err := s.table(t, "naps", `id: {fields: [id]}
fields: {id: {type: long}}
index: {policy: single}
rows: {driver: DRIVER, table: SCHEMA.naps}
`).Find(t.Context(), []string{"1"}); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}
