package chaos

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A run's documents are functions of the seed and a number, so that what was sent need
// not be remembered: the oracle makes each again and compares.

// collections are those of a run, each with its share of the documents in thousandths.
var collections = []struct {
	name  string
	share int
	yaml  string
}{
	{"access", 470, periodic},                                   // ids from a message attribute and the place in the message
	{"events", 100, periodic + "sources: [{stream: events}]\n"}, // ids from the position in the stream
	{"draft", 30, ids + periodic},                               // deleted under way, and sent again
	{"metrics", 150, ids + `append_only: true
fields: {id: {type: keyword}, n: {type: long}, message: {type: text}}
index: {policy: rollover, replicas: 0, refresh_interval: 1s, rollover: {max_docs: MOST}}
`},
	{"trail", 100, ids + `append_only: true
time: {field: "@timestamp"}
fields: {"@timestamp": {type: date}, id: {type: keyword}, n: {type: long}, message: {type: text}}
index: {policy: data_stream, replicas: 0, refresh_interval: 1s, rollover: {max_docs: MOST}}
`},
	{"account", 150, ids + `version: {field: version}
op: {field: op, delete: [delete]}
fields: {id: {type: keyword}, n: {type: long}, version: {type: long}, op: {type: keyword}, message: {type: text}}
index: {policy: single, replicas: 0, shards: 2, settings: {gc_deletes: 1h}}
`},
}

const (
	ids      = "id: {fields: [id]}\n"
	periodic = `append_only: true
time: {field: "@timestamp"}
fields: {"@timestamp": {type: date}, id: {type: keyword}, n: {type: long}, message: {type: text}, host: {type: ip}}
index: {policy: periodic, period: day, replicas: 0, max_past: 365d}
`
)

// content makes documents.
type content struct {
	seed  uint64
	began time.Time      // the event time of the first document
	count map[string]int // documents of each collection; of account, entities
}

func newContent(seed uint64, docs int, now time.Time) content {
	c := content{seed, now.UTC().Truncate(24 * time.Hour).Add(-84 * time.Hour), map[string]int{}}
	for _, one := range collections {
		c.count[one.name] = docs * one.share / 1000
	}
	c.count["account"] = c.count["account"] * 2 / 5 // two and a half changes each
	return c
}

const days = 3 // that the event times span, from noon to noon

// time is when event n happened, as its producer's clock says: one in sixteen is wrong.
func (c content) time(collection string, n int) time.Time {
	at := c.began.Add(time.Duration(n) * days * 24 * time.Hour / time.Duration(c.count[collection]))
	if c.clockWrong(collection, n) {
		at = at.Add(time.Duration(c.random(collection, "hours", n)%43_200)*time.Second - 6*time.Hour)
	}
	return at
}

func (c content) clockWrong(collection string, n int) bool {
	return c.random(collection, "clock", n)%16 == 0
}

func id(collection string, n int) string { return collection + "-" + strconv.Itoa(n) }

// event is document n of an append-only collection.
func (c content) event(collection string, n int) string {
	message := "GET /things/" + strconv.FormatUint(c.random(collection, "path", n)%1000, 10) + " took " + strconv.Itoa(n%97) + " ms"
	if collection == "access" && fat(n/perMessage) {
		message += strings.Repeat(" and on", 3000)
	}
	return fmt.Sprintf(`{"id":%q,"n":%d,"@timestamp":%q,"message":%q,"host":"10.0.%d.%d","level":"info"}`, id(collection, n), n,
		c.time(collection, n).Format("2006-01-02T15:04:05.000Z"), message, n>>8&255, n&255)
}

// perMessage is how many documents a message or stream record of several holds.
const perMessage = 25

// fat messages make a request larger than the node takes.
func fat(message int) bool { return message%200 == 5 }

// versions is how many changes entity n sees.
func (c content) versions(n int) int { return 1 + int(c.random("account", "versions", n)%4) }

// ends says that the last change of entity n is its deletion.
func (c content) ends(n int) bool {
	return c.versions(n) > 1 && c.random("account", "ends", n)%4 == 0
}

// change is a version, from 1, of entity n.
func (c content) change(n, version int) string {
	op := "upsert"
	if version == c.versions(n) && c.ends(n) {
		op = "delete"
	}
	return fmt.Sprintf(`{"id":%q,"n":%d,"version":%d,"op":%q,"message":"balance %d"}`, id("account", n), n, version, op,
		c.random("account", "balance", n*8+version)%100_000)
}

// want is what has to be stored of document n in the end; "" if nothing.
func (c content) want(collection string, n int) string {
	switch {
	case collection != "account":
		return c.event(collection, n)
	case c.ends(n):
		return ""
	}
	return c.change(n, c.versions(n))
}

// random is a number that only seed, names and n decide.
func (c content) random(collection, what string, n int) uint64 {
	h := c.seed
	for _, b := range []byte(collection + " " + what) {
		h = (h ^ uint64(b)) * 0x100000001b3
	}
	h += uint64(n) * 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
