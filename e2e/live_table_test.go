package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// liveTable is a table of PostgreSQL's that random statements change.
type liveTable struct {
	name   string
	random *rand.Rand
	ids    []int // of the rows
	next   int
	fixed  bool // keys do not change: under default replica identity a new key's row lacks its long values
}

const liveSchema = `create type mood as enum ('new', 'paid', 'shipped');
create table orders(id bigint primary key, n bigint, status mood, total numeric(12,2), rate numeric, d date, ts timestamp(6), tz timestamptz, flag boolean,
  doc jsonb, raw bytea, tags text[], uid uuid, big text);
alter table orders replica identity full;
create table texts(like orders including all);
create table finished(id int primary key);
alter table orders alter column big set storage external, alter column doc set storage external, alter column raw set storage external;
alter table texts alter column big set storage external, alter column doc set storage external, alter column raw set storage external;
`

var liveColumns = []string{"n", "status", "total", "rate", "d", "ts", "tz", "flag", "doc", "raw", "tags", "uid", "big"}

// value is a literal for a column, one in eight null.
func (l *liveTable) value(column string) string {
	r := l.random
	if r.IntN(8) == 0 {
		return "null"
	}
	at := time.Date(1900+r.IntN(200), 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.Int64N(int64(365*24*time.Hour)/1000)) * 1000)
	long := strings.Repeat(fmt.Sprintf("long ünd \"bänd\" %d ", r.IntN(1000)), 150) // kept out of line
	switch column {
	case "n":
		return fmt.Sprint(r.Int64() - r.Int64())
	case "status":
		return []string{"'new'", "'paid'", "'shipped'"}[r.IntN(3)]
	case "total":
		return fmt.Sprintf("%d.%02d", r.IntN(2e9)-1e9, r.IntN(100))
	case "rate":
		return fmt.Sprintf("%d.%0*d", r.IntN(100)-50, 1+r.IntN(25), r.IntN(1000))
	case "d":
		return at.Format("'2006-01-02'")
	case "ts":
		return at.Format("'2006-01-02 15:04:05.000000'")
	case "tz":
		return at.Format("'2006-01-02 15:04:05.000000") + "+05:30'"
	case "flag":
		return []string{"true", "false"}[r.IntN(2)]
	case "doc":
		padding := []string{"", long}[r.IntN(4)/3]
		text, _ := json.Marshal(map[string]any{"a": json.Number("1.10"), "big": int64(9007199254740993), "l": []any{"x", nil, r.IntN(9)}, "o": map[string]any{"é'": padding}})
		return "'" + strings.ReplaceAll(string(text), "'", "''") + "'"
	case "raw":
		return fmt.Sprintf(`'\x%x'`, bytes.Repeat([]byte{0, 255, byte(r.IntN(256))}, 1+r.IntN(2)*900))
	case "tags":
		return []string{"'{}'", `'{x,"y, z"}'`, `'{"",NULL}'`}[r.IntN(3)]
	case "uid":
		return fmt.Sprintf("'00000000-0000-4000-8000-%012d'", r.IntN(1e9))
	}
	return []string{"''", "'short'", "'" + long + "'"}[r.IntN(3)]
}

// statement is one random change.
func (l *liveTable) statement() string {
	i := 0
	if len(l.ids) > 0 {
		i = l.random.IntN(len(l.ids))
	}
	switch what := l.random.IntN(20); {
	case len(l.ids) < 20 || what < 5:
		l.next++
		l.ids = append(l.ids, l.next)
		values := []string{fmt.Sprint(l.next)}
		for _, column := range liveColumns {
			values = append(values, l.value(column))
		}
		return fmt.Sprintf("insert into %s values(%s);\n", l.name, strings.Join(values, ","))
	case what < 8:
		id := l.ids[i]
		l.ids = slices.Delete(l.ids, i, i+1)
		if l.random.IntN(2) == 0 {
			l.next = min(l.next, id-1) // it is made anew, unless it is there
			for slices.Contains(l.ids, l.next+1) {
				l.next++
			}
		}
		return fmt.Sprintf("delete from %s where id = %d;\n", l.name, id)
	case what < 10 && !l.fixed:
		id := l.ids[i]
		l.ids[i] = 1_000_000 + id
		for slices.Contains(append(l.ids[:i:i], l.ids[i+1:]...), l.ids[i]) {
			l.ids[i] += 1_000_000
		}
		return fmt.Sprintf("update %s set id = %d where id = %d;\n", l.name, l.ids[i], id)
	}
	var sets []string
	for range 1 + l.random.IntN(3) {
		column := liveColumns[l.random.IntN(len(liveColumns))]
		if set := column + " = "; !slices.ContainsFunc(sets, func(s string) bool { return strings.HasPrefix(s, set) }) {
			sets = append(sets, set+l.value(column))
		}
	}
	return fmt.Sprintf("update %s set %s where id = %d;\n", l.name, strings.Join(sets, ", "), l.ids[i])
}

// change makes count changes in transactions of one to fifty.
func (l *liveTable) change(t *testing.T, db *pgx.Conn, count int) {
	t.Helper()
	for count > 0 {
		size := min(count, 1+l.random.IntN(50))
		count -= size
		for slices.Contains(l.ids, l.next+1) {
			l.next++
		}
		var sql strings.Builder
		for range size {
			for slices.Contains(l.ids, l.next+1) {
				l.next++
			}
			sql.WriteString(l.statement())
		}
		execute(t, db, "begin;\n"+sql.String()+"commit;")
	}
}

func execute(t *testing.T, db *pgx.Conn, sql string) {
	t.Helper()
	if _, err := db.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatalf("%.300s: %v", sql, err)
	}
}

// rows are a table's rows by their keys, each column as plain text.
func rows(t *testing.T, db *pgx.Conn, table string) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	found, err := db.Query(t.Context(), "select id::text, row_to_json(t)::text from "+table+" t")
	if err != nil {
		t.Fatal(err)
	}
	var id, row string
	if _, err := pgx.ForEachRow(found, []any{&id, &row}, func() error {
		all[id] = plainRow(t, []byte(row))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}
