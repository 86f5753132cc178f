package query

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
)

// A cursor is a MAC, what it is bound to, and where to go on, veiled, in base64. The MAC is
// over the other two.
const (
	macSize  = 16
	bindSize = 12
)

// bind is what makes two requests parts of one search, or of one tail: all that decides
// which documents match, and their order. What the schema demands of every search is in
// it, so that nobody goes on where somebody with other rights began.
func (r *reader) bind() []byte {
	mandatory, _ := json.Marshal(Request{schema: r.schema}.where()) // strings only: they always encode
	order, _ := json.Marshal(r.order())                             // the collection's own, which may be changed
	if r.kind == "tail" {
		order = nil
	}
	parts := url.Values{"": {r.kind, r.schema.Collection, string(mandatory), string(order)}}
	for _, name := range []string{"q", "filter", "from", "to", "since", "sort"} {
		if v := r.values[name]; len(v) > 0 {
			parts[name] = v
		}
	}
	sum := sha256.Sum256([]byte(parts.Encode()))
	return sum[:bindSize]
}

// seal makes a cursor, signed and veiled by the first key.
func (r Request) seal(payload []byte) string {
	key := r.schema.keys()[0]
	sum := mac(key, r.binding, payload)
	return base64.RawURLEncoding.EncodeToString(slices.Concat(sum, r.binding, veil(key, sum, payload)))
}

func mac(key, binding, payload []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(binding)
	h.Write(payload)
	return h.Sum(nil)[:macSize]
}

// veil makes a payload unreadable to others, or readable again: sort values tell of
// relevance and sequence numbers, which documents of other tenants have a part in.
func veil(key, sum, payload []byte) []byte {
	name := sha256.Sum256(append([]byte("veil\x00"), key...))
	block, err := aes.NewCipher(name[:])
	if err != nil { // never: the key has its length
		return nil
	}
	out := make([]byte, len(payload))
	cipher.NewCTR(block, sum).XORKeyStream(out, payload)
	return out
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
	sum, binding, veiled := raw[:macSize], raw[macSize:macSize+bindSize], raw[macSize+bindSize:]
	payload, ok := r.schema.unveil(sum, binding, veiled)
	switch {
	case !ok:
		r.wrong(-1, notOurs)
	case string(binding) != string(r.binding):
		r.wrong(-1, otherSearch)
	default:
		return payload
	}
	return nil
}

// unveil tries each key: the others are those that signed before.
func (s Schema) unveil(sum, binding, veiled []byte) (payload []byte, ok bool) {
	for _, key := range s.keys() {
		if payload = veil(key, sum, veiled); hmac.Equal(sum, mac(key, binding, payload)) {
			return payload, true
		}
	}
	return nil, false
}

// Signer tells the key that cursors are signed by from others, and nothing of it.
func (s Schema) Signer() []byte {
	sum := sha256.Sum256(append([]byte("signer\x00"), s.keys()[0]...))
	return sum[:bindSize]
}

// keys are at least one, that of a test's schema without any.
func (s Schema) keys() [][]byte {
	if len(s.Keys) == 0 {
		return [][]byte{nil}
	}
	return s.Keys
}
