package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/local/part/parttest"
)

const liveFields = `id: {fields: [id]}
envelope: debezium
fields:
  id: {type: long}
  n: {type: long}
  status: {type: keyword}
  total: {type: keyword, column: decimal(2)}
  rate: {type: double}
  d: {type: date, column: days}
  ts: {type: date, column: micros}
  tz: {type: date}
  flag: {type: boolean}
  doc: {type: flat_object}
  raw: {type: binary}
  tags: {type: keyword}
  uid: {type: keyword}
index: {policy: single, replicas: 0, settings: {gc_deletes: 1s}}
`

// plainRow is a row, or a document, with each value as text that both have in common.
func plainRow(t *testing.T, text []byte) map[string]string {
	t.Helper()
	var row map[string]json.RawMessage
	if err := json.Unmarshal(text, &row); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	plain := map[string]string{}
	for name, value := range row {
		plain[name] = plainValue(name, value)
	}
	return plain
}

func plainValue(name string, value json.RawMessage) string {
	var v any
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return err.Error()
	}
	text, isText := v.(string)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999"} {
		if at, err := time.Parse(layout, text); err == nil && (name == "ts" || name == "tz") {
			return at.UTC().Format(time.RFC3339Nano)
		}
	}
	if bytes, err := hex.DecodeString(strings.TrimPrefix(text, `\x`)); err == nil && name == "raw" && strings.HasPrefix(text, `\x`) {
		return base64.StdEncoding.EncodeToString(bytes)
	}
	if literal, ok := v.(json.Number); ok {
		text, isText = literal.String(), true
	}
	if name == "rate" && strings.Contains(text, ".") { // Debezium drops a NUMERIC's zeros at the end
		return strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if isText && name != "big" {
		return text
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// live is a database whose changes a connector writes down.
type live struct {
	db      *pgx.Conn
	changes string
}

func startLive(t *testing.T) live {
	t.Helper()
	pg := parttest.Postgres(t)
	db, err := pgx.Connect(t.Context(), pg.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	execute(t, db, liveSchema)
	l := live{db: db}
	for i, name := range []string{"orders", "texts"} {
		(&liveTable{name: name, random: rand.New(rand.NewPCG(uint64(i), 1)), next: 500_000}).change(t, db, 30) // for the snapshot
	}
	d, err := part.StartDebezium(t.Context(), part.Home{Data: t.TempDir(), Say: func(s string) { t.Log(s) }}, map[string]string{
		"name": "live", "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
		"offset.storage": "org.apache.kafka.connect.storage.MemoryOffsetBackingStore", "topic.prefix": "live",
		"database.hostname": "127.0.0.1", "database.port": strconv.Itoa(pg.Port), "database.user": "postgres", "database.password": "-", "database.dbname": "postgres",
		"plugin.name": "pgoutput", "slot.name": "live", "publication.autocreate.mode": "all_tables", "converter.schemas.enable": "false",
		"snapshot.mode": "initial", "skipped.operations": "none", "tombstones.on.delete": "true",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, d) })
	snapshotTaken(t, d.Changes)
	l.changes = d.Changes
	return l
}

// snapshotTaken waits for the first rows: what is changed from then on comes as changes.
func snapshotTaken(t *testing.T, changes string) {
	t.Helper()
	eventually(t, 60*time.Second, func() string {
		if text, err := os.ReadFile(changes); err != nil || !bytes.Contains(text, []byte(`"op":"r"`)) {
			return "no row of the snapshot yet"
		}
		return ""
	})
}

type written struct {
	Topic string
	Key   struct{ ID int }
	Value json.RawMessage
}

// until are all changes in a connector's file up to the one row of a table finished.
func until(t *testing.T, changes string) (all []written) {
	t.Helper()
	eventually(t, 90*time.Second, func() string {
		file, err := os.Open(changes)
		if err != nil {
			return err.Error()
		}
		defer file.Close() //nolint:errcheck // only read
		all = nil
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var w written
			if json.Unmarshal(lines.Bytes(), &w) != nil {
				break // half written
			}
			if strings.HasSuffix(w.Topic, ".finished") {
				return ""
			}
			all = append(all, w)
		}
		return fmt.Sprintf("%d changes, and not yet the last", len(all))
	})
	return all
}

// TestALiveTableEqualsItsIndex: a real database, a real connector, real queues, faults.
// Orders are sent in any order, some twice, all columns known; the order of each row of
// texts is kept by a FIFO queue, and its long values are sent when they change alone.
func TestALiveTableEqualsItsIndex(t *testing.T) {
	l := startLive(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	orders := newScene(t, "sources: [{table: public.orders}]\n"+liveFields)
	texts := newScene(t, liveFields+"mapping:\n- rename: {big: texts.long, raw: bytes}\n  case: camel\n  copy: {docCopy: doc}\n  examples: [{input: {big: x, doc: {a: 1}}, want: {doc: {a: 1}, docCopy: {a: 1}, texts: {long: x}}}]\n")
	(&liveTable{name: "orders", random: random}).change(t, l.db, 7500)
	(&liveTable{name: "texts", random: random, fixed: true}).change(t, l.db, 2500)
	execute(t, l.db, "insert into finished values(1)")
	all := until(t, l.changes)
	var mixed, ordered []written
	for _, w := range all {
		if strings.HasSuffix(w.Topic, ".orders") && string(w.Value) != "null" {
			mixed = append(mixed, w)
		} else if strings.HasSuffix(w.Topic, ".texts") {
			ordered = append(ordered, w)
		}
	}
	mixed = append(mixed, mixed[:len(mixed)/10]...)
	random.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	for i := range 100 { // an old change comes again behind newer ones
		ordered = append(ordered, ordered[i*len(ordered)/100])
	}
	t.Logf("%d changes of orders, %d of texts", len(mixed), len(ordered))

	env := map[string]string{"OPENSEARCH_BREAKER_OPEN": "500ms", "OPENSEARCH_MAX_ATTEMPTS": "2"}
	first := orders.pipe(4, 500, orders.function("ingest", env))
	second := texts.pipeFIFO(4, texts.function("ingest", env))
	trouble := troubled(orders, texts)
	send := errgroup.Group{}
	send.Go(func() error { return first.put(mixed, nil) })
	send.Go(func() error { return second.put(ordered, func(w written) string { return strconv.Itoa(w.Key.ID) }) })
	if err := send.Wait(); err != nil {
		t.Fatal(err)
	}
	first.drained(60 * time.Second)
	second.drained(60 * time.Second)
	if n := trouble(); n < 20 {
		t.Errorf("only %d faults", n)
	}
	orders.equals(rows(t, l.db, "orders"), nil)
	texts.equals(rows(t, l.db, "texts"), func(row map[string]string) {
		row["texts"], row["bytes"], row["docCopy"] = `{"long":`+row["big"]+`}`, row["raw"], row["doc"]
		delete(row, "big")
		delete(row, "raw")
	})
	orders.buried(nil)
	texts.buried(nil)
}

// equals compares documents with rows, column by column.
func (s *scene) equals(want map[string]map[string]string, as func(map[string]string)) {
	s.Helper()
	documents := s.documents()
	wrong := 0
	for id, row := range want {
		if as != nil {
			as(row)
		}
		text, stored := documents[id]
		if !stored {
			s.Errorf("row %s is not in the index", id)
			continue
		}
		got := plainRow(s.T, text)
		for name := range row {
			if got[name] != row[name] {
				if wrong++; wrong < 10 {
					s.Errorf("%s of %s is %.100q, want %.100q", name, id, got[name], row[name])
				}
			}
		}
		if len(got) != len(row) {
			s.Errorf("row %s has %d columns, its document %d", id, len(row), len(got))
		}
	}
	if len(want) < 20 || len(documents) != len(want) || wrong > 0 {
		s.Errorf("%d rows, %d documents, %d values wrong", len(want), len(documents), wrong)
	}
}

// troubled breaks a request every now and then, until it is asked how many.
func troubled(all ...*scene) (stop func() int) {
	faults := []faultproxy.Fault{faultproxy.ResetBefore, faultproxy.ResetAfter, faultproxy.Truncate, faultproxy.StatusAfter(504), faultproxy.Short,
		faultproxy.Status(429, "rejected_execution_exception", "full"), faultproxy.Status(503, "unavailable", "no master"),
		faultproxy.Items(func(it faultproxy.Item) *faultproxy.ItemError {
			if len(it.Doc)%3 > 0 {
				return nil
			}
			return &faultproxy.ItemError{Status: 429, Type: "rejected_execution_exception", Reason: "made by the test"}
		})}
	reads := func(r faultproxy.Request) bool { return r.Is(http.MethodPost, "/_mget") }
	end, ended := make(chan bool), make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-end:
				ended <- n
				return
			case <-time.After(200 * time.Millisecond):
			}
			for _, broken := range all {
				broken.proxy.Heal()
				broken.proxy.Inject(faultproxy.Bulk, 1, faults[n%len(faults)])
				if n%5 == 0 {
					broken.proxy.Inject(reads, 1, faultproxy.Status(503, "unavailable", "no master"))
				}
			}
			n++
		}
	}()
	return func() int {
		close(end)
		n := <-ended
		for _, broken := range all {
			broken.proxy.Heal()
		}
		return n
	}
}

// put sends changes in their order, ten at a time; a FIFO queue's with their groups.
func (p *pipeline) put(changes []written, group func(written) string) error {
	for at := 0; at < len(changes); at += 10 {
		in := &sqs.SendMessageBatchInput{QueueUrl: &p.url}
		for i, w := range changes[at:min(at+10, len(changes))] {
			e := types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(w.Value))}
			if group != nil {
				e.MessageGroupId, e.MessageDeduplicationId = aws.String(group(w)), aws.String(strconv.Itoa(at+i))
				e.MessageAttributes = map[string]types.MessageAttributeValue{"collection": {DataType: aws.String("String"), StringValue: &p.collection}}
			}
			in.Entries = append(in.Entries, e)
		}
		out, err := world.sqs.SendMessageBatch(p.Context(), in)
		if err != nil || len(out.Failed) > 0 {
			return fmt.Errorf("send: %w %v", err, out)
		}
	}
	return nil
}
