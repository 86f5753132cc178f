package mapping

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"sync"
	"unicode/utf8"
)

var algorithms = map[string]func() hash.Hash{"hmac-sha256": sha256.New, "hmac-sha512": sha512.New}

// digest replaces a value by the keyed hash of its text or literal. Without a key
// nothing is hashed: a hash that anyone can make hides nothing.
func digest(algorithm, key string) func(dst, value []byte) ([]byte, bool) {
	made := algorithms[algorithm]
	macs := sync.Pool{New: func() any { return hmac.New(made, []byte(key)) }}
	return func(dst, value []byte) ([]byte, bool) {
		if key == "" {
			return dst, false
		}
		mac := macs.Get().(hash.Hash)
		defer macs.Put(mac)
		mac.Reset()
		_, _ = mac.Write(text(value)) // a hash takes everything
		var sum [sha512.Size]byte
		dst = hex.AppendEncode(append(dst, '"'), mac.Sum(sum[:0]))
		return append(dst, '"'), true
	}
}

// mask hides all of a value but a few characters at its ends.
func (r Redact) mask(dst, value []byte) ([]byte, bool) {
	content := text(value)
	first, last := r.KeepFirst, r.KeepLast
	if n := utf8.RuneCount(content); 2*(first+last) > n {
		first, last = 0, 0
	}
	from, to := 0, len(content)
	for range first {
		_, n := utf8.DecodeRune(content[from:])
		from += n
	}
	for range last {
		_, n := utf8.DecodeLastRune(content[:to])
		to -= n
	}
	shown := append(append(append([]byte(nil), content[:from]...), r.Mask...), content[to:]...)
	return quote(dst, shown), true
}
