package query

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// position is where a page ended. A cursor is a MAC over it and the search, then it.
type position struct {
	Clock int64             `json:"t"` // Unix seconds of the first page's now
	After []json.RawMessage `json:"a"` // sort values to begin behind
	Seen  []string          `json:"s"` // ids to leave out
}

const macSize = 16

// bind is what makes two requests pages of one search: all that decides which documents
// match, and their order.
func bind(schema Schema, values url.Values) []byte {
	parts := url.Values{"": append([]string{schema.Collection}, schema.Tenants...)}
	for _, name := range []string{"q", "filter", "from", "to", "since", "sort"} {
		if v := values[name]; len(v) > 0 {
			parts[name] = v
		}
	}
	return []byte(parts.Encode())
}

func (r Request) mac(payload []byte) []byte {
	h := hmac.New(sha256.New, r.schema.Key)
	sum := sha256.Sum256(r.binding)
	h.Write(sum[:])
	h.Write(payload)
	return h.Sum(nil)[:macSize]
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
	if err := r.stepBack(p.After); err != nil {
		return "", err
	}
	if same(p.After, r.after) {
		p.Seen = append(p.Seen, r.seen...)
	}
	payload, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	mac := r.mac(payload)
	return base64.RawURLEncoding.EncodeToString(append(mac, r.veiled(mac, payload)...)), nil
}

// veiled is a payload as only we can read it, or that again as it was: sort values tell of
// relevance and sequence numbers, which other documents have a part in. Without a key it
// is the payload itself.
func (r Request) veiled(mac, payload []byte) []byte {
	if len(r.schema.Key) == 0 {
		return payload
	}
	key := sha256.Sum256(append([]byte("veil\x00"), r.schema.Key...))
	block, err := aes.NewCipher(key[:])
	if err != nil { // never: the key has its length
		return nil
	}
	out := make([]byte, len(payload))
	cipher.NewCTR(block, mac).XORKeyStream(out, payload)
	return out
}

// Shown counts the matching documents that the search leaves out, as a page before had
// them; its total lacks them.
func (r Request) Shown() int { return len(r.seen) }

// same compares as JSON: the values of a cursor have been written once more than a hit's.
func same(a, b []json.RawMessage) bool {
	one, _ := json.Marshal(a)
	two, _ := json.Marshal(b)
	return bytes.Equal(one, two)
}

// stepBack moves sort values to just before the documents that have them: the last is
// a document's number in its shard.
func (r Request) stepBack(after []json.RawMessage) error {
	order := r.total()
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

const otherSearch = "is of another search: q, filter, from, to, since and sort must stay as they were; begin again without it"

// readCursor goes on where another page ended, with that page's clock.
func (r *reader) readCursor(text string) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(text) > maxCursor || len(raw) < macSize {
		r.wrong(-1, "is not a cursor: take it, unchanged, from next of the page before")
		return
	}
	var p position
	payload := r.veiled(raw[:macSize], raw[macSize:])
	if !hmac.Equal(raw[:macSize], r.mac(payload)) || json.Unmarshal(payload, &p) != nil || slices.ContainsFunc(p.After, compound) {
		r.wrong(-1, "%s", otherSearch)
		return
	}
	r.clock, r.after, r.seen = time.Unix(p.Clock, 0), p.After, p.Seen
}

// checkCursor refuses a position in another order than the search's.
func (r *reader) checkCursor() {
	if r.name = "cursor"; r.values.Has(r.name) && len(r.mistakes) == 0 && len(r.after) != len(r.total()) {
		r.wrong(-1, "%s", otherSearch)
	}
}

func compound(value json.RawMessage) bool {
	return len(value) == 0 || value[0] == '{' || value[0] == '['
}
