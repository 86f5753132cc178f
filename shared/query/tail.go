package query

import (
	"encoding/binary"
	"encoding/json"
	"net/url"
	"time"

	"github.com/sluice-dev/sluice/shared/rotation"
)

// How long a tail may wait for documents.
const (
	defaultWait = 20 * time.Second
	maxWait     = 20 * time.Second // API Gateway gives up after 30 s
)

// Tail is a request to follow a search: its order is that in which documents are stored.
type Tail struct {
	Request
	Wait time.Duration
	// Place is what the cursor says of how far the tail has come; nil: it begins.
	Place []byte
}

type tailReader struct {
	*reader
	tail Tail
}

// ReadTail checks the parameters of a tail. The error is Mistakes, all of them.
func ReadTail(schema Schema, values url.Values, now time.Time) (Tail, error) {
	r := tailReader{reader: newReader(schema, values, now), tail: Tail{Wait: defaultWait}}
	r.kind = "tail"
	r.readAll(after(r.readPlace,
		parameter{"fields", 1, (*reader).readFields},
		parameter{"highlight", 1, (*reader).readHighlight},
		parameter{"size", 1, (*reader).readSize},
		parameter{"wait", 1, r.readWait},
	))
	r.checkTail()
	request, err := r.result()
	r.tail.Request = request
	return r.tail, err
}

func (r *tailReader) readPlace(_ *reader, text string) {
	payload := r.unseal(text)
	if payload == nil {
		return
	}
	clock, size := binary.Varint(payload)
	if size <= 0 || size == len(payload) {
		r.wrong(-1, noCursor)
		return
	}
	r.clock, r.tail.Place = time.Unix(clock, 0), payload[size:]
}

func (r *tailReader) readWait(_ *reader, text string) {
	wait, err := rotation.ParseDuration(text)
	switch {
	case text == "0" || text == "0s":
		wait = 0
	case err != nil:
		r.wrong(-1, "%v", err)
	case wait > maxWait:
		r.wrong(-1, "is longer than %s: an answer comes within it, and its next goes on", unit(maxWait/time.Second, "s"))
	}
	r.tail.Wait = wait
}

// checkTail is checkTime without the longest range: a tail reads only what is new to it.
func (r *tailReader) checkTail() {
	if r.schema.MaxRange == 0 || !r.From.IsZero() || !r.To.IsZero() {
		r.checkTime()
	}
	if r.name = "size"; r.values.Has("size") && r.Size == 0 && len(r.mistakes) == 0 {
		r.wrong(-1, "must be 1 or more: a tail without documents would never go on")
	}
}

// Next is the cursor that goes on at place, with the clock of the beginning.
func (t Tail) Next(place []byte) string {
	return t.seal(append(binary.AppendVarint(nil, t.clock.Unix()), place...))
}

// Run is so many sequence numbers from From on.
type Run struct{ From, Length int64 }

// Stored is the search for those of the tail's documents in one shard whose sequence
// numbers are from first to last, but not among those seen; in their order. Their sort
// values are the number and the event's time, if there is one.
func (t Tail) Stored(first, last int64, seen []Run, size int, timeout time.Duration) ([]byte, error) {
	clauses := object{"filter": []object{t.where(), numbers(first, last)}}
	if not := except(seen); len(not) > 0 {
		clauses["must_not"] = not
	}
	order := []object{{"_seq_no": object{"order": "asc"}}}
	if t.schema.Time != "" {
		order = append(order, object{t.schema.Time: object{"order": "asc", "unmapped_type": "date"}})
	}
	body := object{
		"query": boolean(clauses), "size": size, "sort": order, "_source": t.source(),
		"timeout": milliseconds(timeout), "track_total_hits": false,
	}
	if t.highlighting() {
		body["highlight"] = t.marks()
	}
	return json.Marshal(body)
}

func numbers(first, last int64) object {
	return object{"range": object{"_seq_no": object{"gte": first, "lte": last}}}
}

func except(seen []Run) (not []object) {
	var single []int64
	for _, run := range seen {
		if run.Length == 1 {
			single = append(single, run.From)
		} else {
			not = append(not, numbers(run.From, run.From+run.Length-1))
		}
	}
	if len(single) > 0 {
		not = append(not, object{"terms": object{"_seq_no": single}})
	}
	return not
}
