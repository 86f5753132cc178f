package e2e

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/local/part/parttest"
)

const goodsFields = `sources: [{table: shop.goods}]
id: {fields: [id]}
fields:
  id: {type: long}
  u: {type: unsigned_long}
  total: {type: keyword, column: decimal(4)}
  kind: {type: keyword}
  opts: {type: keyword}
  ts: {type: date, column: micros}
  tz: {type: date}
  t: {type: keyword, column: time_micros}
  doc: {type: flat_object}
  raw: {type: binary}
  y: {type: integer}
  txt: {type: keyword}
index: {policy: single, replicas: 0, settings: {gc_deletes: 1s}}
`

func goodsValues(r *rand.Rand) string {
	at := time.Date(1971+r.IntN(60), 3, 1, 4, 5, 6, r.IntN(1e6)*1000, time.UTC)
	all := []string{
		fmt.Sprintf("u = %d", r.Uint64()), fmt.Sprintf("total = %d.%04d", r.IntN(2e6)-1e6, r.IntN(1e4)),
		"kind = " + []string{"'new'", "'paid'"}[r.IntN(2)], "opts = " + []string{"''", "'x'", "'x,z'"}[r.IntN(3)],
		at.Format("ts = '2006-01-02 15:04:05.000000'"), at.Format("tz = '2006-01-02 15:04:05.000'"),
		fmt.Sprintf("t = '%d:%02d:%02d.%06d'", r.IntN(1600)-800, r.IntN(60), r.IntN(60), r.IntN(1e6)*r.IntN(2)),
		fmt.Sprintf(`doc = '{"a":1.10,"l":[%d,null],"é":"ü"}'`, r.IntN(9)), fmt.Sprintf("raw = x'00ff%04x'", r.IntN(1<<16)),
		fmt.Sprintf("y = %d", 1901+r.IntN(200)), "txt = 'ünd \\\\ \"\n'",
	}
	for i := range all {
		if r.IntN(8) == 0 {
			all[i] = strings.SplitN(all[i], " ", 2)[0] + " = null"
		}
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return strings.Join(all[:1+r.IntN(len(all))], ", ")
}

// goodsChanges are random statements, in transactions.
func goodsChanges(r *rand.Rand, count int) (transactions []string) {
	var ids []int
	var open []string
	for n := 1; n <= count; n++ {
		i := 0
		if len(ids) > 0 {
			i = r.IntN(len(ids))
		}
		switch what := r.IntN(10); {
		case len(ids) < 20 || what < 3:
			ids = append(ids, n)
			open = append(open, fmt.Sprintf("insert into goods set id = %d, %s", n, goodsValues(r)))
		case what < 5:
			open = append(open, fmt.Sprintf("delete from goods where id = %d", ids[i]))
			ids = append(ids[:i], ids[i+1:]...)
		case what < 6:
			open = append(open, fmt.Sprintf("update goods set id = %d where id = %d", 1_000_000+n, ids[i]))
			ids[i] = 1_000_000 + n
		default:
			open = append(open, fmt.Sprintf("update goods set %s where id = %d", goodsValues(r), ids[i]))
		}
		if r.IntN(20) == 0 || n == count {
			transactions, open = append(transactions, "begin;"+strings.Join(open, ";")+";commit"), nil
		}
	}
	return transactions
}

func startMariaDB(t *testing.T) (db *sql.DB, changes string) {
	t.Helper()
	m := parttest.MariaDB(t)
	cfg, err := mysql.ParseDSN(m.DSN)
	if err != nil {
		t.Fatal(err)
	}
	cfg.MultiStatements = true
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db = sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	runSQL(t, db, `create table goods(id bigint primary key, u bigint unsigned, total decimal(12,4), kind enum('new','paid'), opts set('x','y','z'), ts datetime(6), tz timestamp(3) null,
		t time(6), doc json, raw varbinary(20), y year, txt text); create table finished(id int primary key); insert into goods(id) values(5000000)`)
	d, err := part.StartDebezium(t.Context(), part.Home{Data: t.TempDir(), Say: func(s string) { t.Log(s) }}, map[string]string{
		"name": "live", "connector.class": "io.debezium.connector.mysql.MySqlConnector", "topic.prefix": "live", "database.server.id": "77",
		"offset.storage": "org.apache.kafka.connect.storage.MemoryOffsetBackingStore", "schema.history.internal": "io.debezium.relational.history.MemorySchemaHistory",
		"database.hostname": "127.0.0.1", "database.port": strconv.Itoa(m.Port), "database.user": "sluice", "database.password": "", "database.include.list": "shop",
		"database.ssl.mode": "disabled", "converter.schemas.enable": "false", "include.schema.changes": "false", "tombstones.on.delete": "false", "snapshot.mode": "initial",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, d) })
	snapshotTaken(t, d.Changes)
	return db, d.Changes
}

func runSQL(t *testing.T, db *sql.DB, text string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatalf("%.300s: %v", text, err)
	}
}

func goodsRows(t *testing.T, db *sql.DB) map[string]map[string]string {
	t.Helper()
	names := []string{"id", "u", "total", "kind", "opts", "ts", "tz", "t", "doc", "raw", "y", "txt"}
	found, err := db.QueryContext(t.Context(), `select id, u, total, kind, opts, date_format(ts,'%Y-%m-%dT%H:%i:%s.%f'), date_format(tz,'%Y-%m-%dT%H:%i:%s.%f'),
		replace(t,'.000000',''), doc, to_base64(raw), y, txt from goods`)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close() //nolint:errcheck // read to its end
	all := map[string]map[string]string{}
	for found.Next() {
		values, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		for i, v := range values {
			switch {
			case !v.Valid:
				row[names[i]] = "null"
			case names[i] == "doc":
				row["doc"] = plainValue("doc", []byte(v.String))
			default:
				row[names[i]] = plainValue(names[i], []byte(strconv.Quote(v.String)))
			}
		}
		all[values[0].String] = row
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// The same for MariaDB and its binlog: in any order, some twice, under faults.
func TestALiveMariaDBTableEqualsItsIndex(t *testing.T) {
	db, changes := startMariaDB(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	s := newScene(t, goodsFields)
	for _, transaction := range goodsChanges(random, 3000) {
		runSQL(t, db, transaction)
	}
	runSQL(t, db, "insert into finished values(1)")
	all := until(t, changes)
	all = append(all, all[:len(all)/10]...)
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	t.Logf("%d changes", len(all))
	p := s.pipe(4, 300, s.function("ingest", map[string]string{"OPENSEARCH_BREAKER_OPEN": "500ms", "OPENSEARCH_MAX_ATTEMPTS": "2"}))
	trouble := troubled(s)
	if err := p.put(all, nil); err != nil {
		t.Fatal(err)
	}
	p.drained(60 * time.Second)
	if n := trouble(); n < 5 {
		t.Errorf("only %d faults", n)
	}
	s.equals(goodsRows(t, db), nil)
	s.buried(nil)
}
