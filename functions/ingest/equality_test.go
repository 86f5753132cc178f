package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// table is a table that says what is done to it, as Debezium or Canal would.
type table struct {
	rows   map[int]int
	lsn    int
	random *rand.Rand
	debz   []string // one message a change
	canal  []string
}

// step changes one row: an insert, an update, a delete, or a new key.
func (b *table) step() {
	b.lsn += 1 + b.random.IntN(200)
	id, n := b.random.IntN(40), b.random.IntN(1000)
	old, there := b.rows[id]
	switch what := b.random.IntN(4); {
	case !there:
		b.rows[id] = n
		b.say("c", "INSERT", id, n, 0)
	case what == 0:
		delete(b.rows, id)
		b.say("d", "DELETE", id, old, 0)
	case what == 1:
		next := 40 + b.random.IntN(40)
		if _, taken := b.rows[next]; taken {
			return
		}
		delete(b.rows, id)
		b.rows[next] = n
		b.debz = append(b.debz, b.debezium("d", id, old))
		b.debz = append(b.debz, b.debezium("c", next, n))
		b.canal = append(b.canal, b.flat("UPDATE", next, n, fmt.Sprintf(`[{"id":"%d","n":"%d"}]`, id, old)))
	default:
		b.rows[id] = n
		b.say("u", "UPDATE", id, n, old)
	}
}

func (b *table) say(op, kind string, id, n, old int) {
	b.debz = append(b.debz, b.debezium(op, id, n))
	before := "null"
	if op == "u" {
		before = fmt.Sprintf(`[{"n":"%d"}]`, old)
	}
	b.canal = append(b.canal, b.flat(kind, id, n, before))
}

func (b *table) debezium(op string, id, n int) string {
	row, before, after := fmt.Sprintf(`{"id":%d,"n":%d}`, id, n), "null", "null"
	if op == "d" {
		before = row
	} else {
		after = row
	}
	return fmt.Sprintf(`orders→{"before":%s,"after":%s,"source":{"connector":"postgresql","db":"shop","schema":"public","table":"orders","lsn":%d},"op":%q}`, before, after, b.lsn, op)
}

// flat has the second that the change was made in: ten changes share one.
func (b *table) flat(kind string, id, n int, old string) string {
	return fmt.Sprintf(`{"data":[{"id":"%d","n":"%d"}],"database":"shop","es":%d000,"isDdl":false,"mysqlType":{"id":"bigint","n":"int"},"old":%s,"pkNames":["id"],"table":"orders","type":%q}`,
		id, n, 1795571558+b.lsn/1000, old, kind)
}

func (b *table) equals(t *testing.T, h *harness) {
	t.Helper()
	want, got := map[string]string{}, h.cluster.Documents("orders")
	for id, n := range b.rows {
		want[strconv.Itoa(id)] = fmt.Sprintf(`{"id":%d,"n":%d}`, id, n)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table and index (-want +got):\n%s", diff)
	}
	if len(want) == 0 || len(h.queue.letters) > 0 {
		t.Errorf("%d rows, dead letters %q", len(want), h.queue.brief("cause"))
	}
}

func filled(steps int, seed uint64) *table {
	b := &table{rows: map[int]int{}, random: rand.New(rand.NewPCG(seed, 7))}
	for range steps {
		b.step()
	}
	return b
}

func TestAnIndexEqualsItsTableInWhateverOrderVersionedChangesArrive(t *testing.T) {
	for seed := range uint64(5) {
		b, h := filled(600, seed), newHarness(t)
		h.use(t, ordersOf(idField+"  n: {type: long}\n"))
		all := slices.Concat(b.debz, b.debz[:len(b.debz)/3]) // a third of them twice
		b.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for batch := range slices.Chunk(all, 50) {
			if failed := h.failures(t, sqsEvent(queueARN, batch...)); len(failed) > 0 {
				t.Fatalf("failed %q", failed)
			}
		}
		b.equals(t, h)
	}
}

// A stream continues from any point before the last: what follows comes again, in order.
func TestAnIndexEqualsItsTableWhenAStreamGoesBack(t *testing.T) {
	for seed := range uint64(5) {
		b, h := filled(600, seed), newHarness(t)
		h.use(t, ordersOf("sources: [{table: shop.orders}]\n"+idField+"  n: {type: long}\n"))
		for at := 0; at < len(b.canal); {
			end := min(at+50, len(b.canal))
			var data [][]byte
			for _, message := range b.canal[at:end] {
				data = append(data, []byte(message))
			}
			if failed := h.failures(t, kinesisEvent(data...)); len(failed) > 0 {
				t.Fatalf("failed %q", failed)
			}
			if at = end; b.random.IntN(3) == 0 && end < len(b.canal) {
				at = max(0, at-b.random.IntN(80))
			}
		}
		b.equals(t, h)
	}
}
