package query

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
)

// A cursor is a MAC, what it is bound to, and where to go on, in base64. The MAC is over
// the other two.
const (
	macSize  = 16
	bindSize = 12
)

// bind is what makes two requests parts of one search, or of one tail: all that decides
// which documents match, and their order. What the schema demands of every search is in
// it, so that nobody goes on where somebody with other rights began.
func bind(schema Schema, values url.Values, kind string) []byte {
	mandatory, _ := json.Marshal(Request{schema: schema}.where()) // strings only: it always encodes
	parts := url.Values{"": {kind, schema.Collection, string(mandatory)}}
	for _, name := range []string{"q", "filter", "from", "to", "since", "sort"} {
		if v := values[name]; len(v) > 0 {
			parts[name] = v
		}
	}
	sum := sha256.Sum256([]byte(parts.Encode()))
	return sum[:bindSize]
}

// seal makes a cursor, signed by the first key.
func (r Request) seal(payload []byte) string {
	key := r.schema.key()
	signed := append(append([]byte{}, r.binding...), payload...)
	return base64.RawURLEncoding.EncodeToString(append(mac(key, signed), signed...))
}

func mac(key, signed []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(signed)
	return h.Sum(nil)[:macSize]
}

// key is what signs; empty: nothing is signed.
func (s Schema) key() []byte {
	if len(s.Keys) > 0 {
		return s.Keys[0]
	}
	return nil
}

const (
	noCursor    = "is not a cursor: take it, unchanged, from next of the answer before"
	notOurs     = "was altered, or signed by a key that is no longer in use: begin again without it"
	otherSearch = "is of another search: q, filter, from, to, since and sort must stay as they were; begin again without it"
)

// unseal gives what a cursor of this search was sealed with, or notes why not.
func (r *reader) unseal(text string) []byte {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(text) > maxCursor || len(raw) < macSize+bindSize {
		r.wrong(-1, noCursor)
		return nil
	}
	signed := raw[macSize:]
	switch {
	case !r.schema.signed(raw[:macSize], signed):
		r.wrong(-1, notOurs)
	case string(signed[:bindSize]) != string(r.binding):
		r.wrong(-1, otherSearch)
	default:
		return signed[bindSize:]
	}
	return nil
}

// signed tries each key: the others are those that signed before.
func (s Schema) signed(sum, text []byte) bool {
	keys := s.Keys
	if len(keys) == 0 {
		keys = [][]byte{nil}
	}
	for _, key := range keys {
		if hmac.Equal(sum, mac(key, text)) {
			return true
		}
	}
	return false
}
