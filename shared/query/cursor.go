package query

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// position is where a page ended.
type position struct {
	Clock int64             `json:"t"` // Unix seconds of the first page's now
	After []json.RawMessage `json:"a"` // sort values to begin behind
	Seen  []string          `json:"s"` // ids to leave out
}

// Hit is a document of an answer: its id and its sort values, a JSON array.
type Hit struct {
	ID   string
	Sort []byte
}

// Next is the cursor of the page behind these documents. Documents on different shards
// can be equal in all that they are sorted by: so the next page begins just before the
// last one, and leaves out by id what was shown.
func (r Request) Next(shown []Hit) (string, error) {
	last := shown[len(shown)-1].Sort
	p := position{Clock: r.clock.Unix()}
	for _, h := range slices.Backward(shown) {
		if !bytes.Equal(h.Sort, last) {
			break
		}
		p.Seen = append(p.Seen, h.ID)
	}
	if err := json.Unmarshal(last, &p.After); err != nil {
		return "", err
	}
	if err := stepBack(r.total(), p.After); err != nil {
		return "", err
	}
	if same(p.After, r.after) {
		p.Seen = append(p.Seen, r.seen...)
	}
	payload, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return r.seal(payload), nil
}

// Shown counts the matching documents that the search leaves out, as a page before had
// them; its total lacks them.
func (r Request) Shown() int { return len(r.seen) }

// Shifts says whether the page's order may be another than that of the page before: what
// is written changes the relevance of all that matches.
func (r Request) Shifts() bool { return r.after != nil && r.query != nil && r.scoring() }

// same compares as JSON: the values of a cursor have been written once more than a hit's.
func same(a, b []json.RawMessage) bool {
	one, _ := json.Marshal(a)
	two, _ := json.Marshal(b)
	return bytes.Equal(one, two)
}

// stepBack moves sort values to just before the documents that have them: the last is
// a document's number in its shard.
func stepBack(order []order, after []json.RawMessage) error {
	if len(after) != len(order) {
		return fmt.Errorf("%d sort values for %d keys", len(after), len(order))
	}
	last := len(after) - 1
	n, err := strconv.ParseInt(string(after[last]), 10, 64)
	if err != nil {
		return err
	}
	if order[last].desc {
		n++
	} else {
		n--
	}
	after[last] = json.RawMessage(strconv.FormatInt(n, 10))
	return nil
}

// readCursor goes on where another page ended, with that page's clock.
func (r *reader) readCursor(text string) {
	payload := r.unseal(text)
	if payload == nil {
		return
	}
	var p position
	if json.Unmarshal(payload, &p) != nil || slices.ContainsFunc(p.After, compound) {
		r.wrong(-1, otherSearch)
		return
	}
	r.clock, r.after, r.seen = time.Unix(p.Clock, 0), p.After, p.Seen
}

// checkCursor refuses a position in another order than the search's.
func (r *reader) checkCursor() {
	if r.name = "cursor"; r.values.Has(r.name) && len(r.mistakes) == 0 && len(r.after) != len(r.total()) {
		r.wrong(-1, otherSearch)
	}
}

func compound(value json.RawMessage) bool {
	return len(value) == 0 || value[0] == '{' || value[0] == '['
}
