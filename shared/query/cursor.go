package query

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"time"
)

// position is where a page ended. A cursor is a MAC over it and the search, then it.
type position struct {
	Clock int64             `json:"t"` // Unix seconds of the first page's now
	After []json.RawMessage `json:"a"`
}

const macSize = 16

// bind is what makes two requests pages of one search: all that decides which documents
// match, and their order.
func bind(schema Schema, values url.Values) []byte {
	parts := url.Values{"": {schema.Collection}}
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

// Next is the cursor of the page behind the document with these sort values, a JSON array.
func (r Request) Next(sort []byte) (string, error) {
	p := position{Clock: r.clock.Unix()}
	if err := json.Unmarshal(sort, &p.After); err != nil {
		return "", err
	}
	payload, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(r.mac(payload), payload...)), nil
}

// readCursor goes on where another page ended, with that page's clock.
func (r *reader) readCursor(text string) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(text) > maxCursor || len(raw) < macSize {
		r.wrong(-1, "is not a cursor: take it, unchanged, from next of the page before")
		return
	}
	var p position
	payload := raw[macSize:]
	if !hmac.Equal(raw[:macSize], r.mac(payload)) || json.Unmarshal(payload, &p) != nil || slices.ContainsFunc(p.After, compound) {
		r.wrong(-1, "is of another search: q, filter, from, to, since and sort must stay as they were; begin again without it")
		return
	}
	r.clock, r.after = time.Unix(p.Clock, 0), p.After
}

func compound(value json.RawMessage) bool {
	return len(value) == 0 || value[0] == '{' || value[0] == '['
}
