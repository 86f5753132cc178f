package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

// identities gives posted documents their ids: made of the Idempotency-Key and the
// place, so that the same request sent again adds nothing; without a key new ones, in
// the order of time. A collection whose id is in its documents needs none.
type identities struct {
	own bool // the document's fields are its id
	key string
	now time.Time
}

const maxKey = 256

func newIdentities(v view, keys []string, now time.Time) (identities, error) {
	key := strings.Join(keys, ",")  // the adapter has cut it at commas
	if key == "" && len(keys) > 0 { // a client that believes in its key would add everything twice
		return identities{}, fault.New(fault.Invalid, "Idempotency-Key is empty: leave it out, or give each request a key of its own")
	}
	for _, r := range key {
		if r <= ' ' || r > '~' || r == ',' {
			return identities{}, fault.New(fault.Invalid, "Idempotency-Key must be printable ASCII without spaces and commas")
		}
	}
	if len(key) > maxKey {
		return identities{}, fault.New(fault.Invalid, fmt.Sprintf("Idempotency-Key is longer than %d characters", maxKey))
	}
	return identities{len(v.ID.Fields) > 0, key, now}, nil
}

// of is the id of the document at a place. A tenant's key is not another's.
func (x identities) of(tenant string, place int) string {
	switch {
	case x.own:
		return ""
	case x.key != "" && tenant != "":
		sum := sha256.Sum256([]byte(tenant + "\x00" + x.key))
		return hex.EncodeToString(sum[:16]) + "-" + strconv.Itoa(place)
	case x.key != "":
		return x.key + "-" + strconv.Itoa(place)
	}
	return newUUID(x.now)
}

// newUUID is a UUID of version 7: its time first, so that ids of one time lie together.
func newUUID(now time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	_, _ = rand.Read(b[6:]) // never fails
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
