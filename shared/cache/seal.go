package cache

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/klauspost/compress/flate"
)

// A sealed value is: version, MAC, then, covered by the MAC together with the key that it
// is stored under: when it was stored, what it took, its generation, its length, its body deflated.
const (
	version   = 1
	sealed    = 1 + sha256.Size
	header    = 8 + 4 + 8 + 4
	longest   = 64 << 20 // of a body: no longer one is unpacked, whatever a value says
	fromWhere = sealed + header
)

var errForeign = errors.New("the value is not what was stored under this key")

var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // a level that exists
	return w
}}

// seal packs an answer for the store under key.
func seal(secret []byte, key Key, a Answer) []byte {
	var out bytes.Buffer
	out.Grow(fromWhere + len(a.Body)/3)
	out.WriteByte(version)
	out.Write(make([]byte, sha256.Size))
	var head [header]byte
	binary.BigEndian.PutUint64(head[0:], uint64(a.Stored.UnixMilli()))
	binary.BigEndian.PutUint32(head[8:], uint32(min(a.Took.Milliseconds(), 1<<31)))
	binary.BigEndian.PutUint64(head[12:], a.Generation)
	binary.BigEndian.PutUint32(head[20:], uint32(len(a.Body)))
	out.Write(head[:])
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&out)
	_, _ = w.Write(a.Body) // a Buffer does not fail
	_ = w.Close()
	value := out.Bytes()
	copy(value[1:], mac(secret, key, value[sealed:]))
	return value
}

// unseal refuses what seal has not made for this key and with this secret.
func unseal(secret []byte, key Key, value []byte) (Answer, error) {
	if len(value) < fromWhere || value[0] != version || !hmac.Equal(value[1:sealed], mac(secret, key, value[sealed:])) {
		return Answer{}, errForeign
	}
	head := value[sealed:fromWhere]
	length := binary.BigEndian.Uint32(head[20:])
	if length > longest {
		return Answer{}, errForeign
	}
	body := make([]byte, length)
	r := flate.NewReader(bytes.NewReader(value[fromWhere:]))
	if _, err := io.ReadFull(r, body); err != nil {
		return Answer{}, errors.Join(errForeign, err)
	}
	return Answer{
		Stored:     time.UnixMilli(int64(binary.BigEndian.Uint64(head[0:]))),
		Took:       time.Duration(binary.BigEndian.Uint32(head[8:])) * time.Millisecond,
		Generation: binary.BigEndian.Uint64(head[12:]),
		Body:       body,
	}, nil
}

func mac(secret []byte, key Key, text []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte{version})
	h.Write(key[:])
	h.Write(text)
	return h.Sum(nil)
}
