package envelope

import (
	"errors"
	"math/bits"
	"strconv"
	"strings"

	"github.com/sluice-dev/sluice/shared/change"
)

// version is where a change stands among those to its row.
type version struct {
	number int64
	ties   bool
}

var unversioned = version{number: change.NoVersion}

// positionBits leave room for 16 million binlog files of 512 GiB.
const positionBits = 39

// binlog is a version from a MySQL log position. A row takes at least one byte of its
// event, so that position + row stays below the next event's position. MariaDB 11.4 and
// later say the same position for all of a transaction, unless told otherwise.
func binlog(file string, position, row int64) (version, bool) {
	_, suffix, ok := cutLast(file, ".")
	n, err := strconv.ParseInt(suffix, 10, 63-positionBits+1)
	at := uint64(position) + uint64(row) // of two that are not negative: it does not wrap
	if !ok || err != nil || n < 0 || position < 0 || row < 0 || at >= 1<<positionBits {
		return unversioned, false
	}
	return version{n<<positionBits | int64(at), true}, true
}

func cutLast(text, separator string) (before, after string, ok bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

const (
	leadingDigits = 17
	digitBits     = 57 // 10^17 < 2^57
)

// sequence is a version from a decimal of any length: its length, then its first 17
// digits. A larger decimal never has a smaller version; two that differ only behind
// those digits tie. DynamoDB's have 21 digits and more; see counted.
func sequence(decimal string) (version, bool) {
	decimal = strings.TrimLeft(decimal, "0")
	if n := len(decimal) - counterDigits; n > 0 && n <= prefixDigits {
		return counted(decimal[:n], decimal[n:])
	}
	if len(decimal) >= 1<<(63-digitBits) {
		return unversioned, false
	}
	lead := decimal[:min(len(decimal), leadingDigits)]
	n, err := strconv.ParseInt(lead, 10, 64)
	if err != nil || lead[0] == '+' || lead[0] == '-' {
		return unversioned, false
	}
	return version{int64(len(decimal))<<digitBits | n, len(decimal) > leadingDigits}, true
}

const (
	prefixDigits  = 8 // below 2^27
	counterDigits = 20
	counterBits   = 33
	exactBits     = 28
)

// counted is a version from a prefix and a counter with many leading zeros, which would
// fill the first 17 digits: all of the prefix, then the counter as its magnitude and
// first 28 bits. These lengths have the 60 bits that eight lengths of sequence have.
func counted(prefix, counter string) (version, bool) {
	p, err := strconv.ParseUint(prefix, 10, 64)
	n, flaw := strconv.ParseUint(counter, 10, 64) // past its range: the largest
	if err != nil || errors.Is(flaw, strconv.ErrSyntax) {
		return unversioned, false
	}
	lost := max(bits.Len64(n)-exactBits, 0)
	number := int64(p)<<counterBits + int64(lost)<<(exactBits-1) + int64(n>>lost)
	return version{(counterDigits+1)<<digitBits + number, lost > 0}, true
}

// clock is a version from a time, whatever its unit: changes of one tick tie.
func clock(ticks int64) version {
	if ticks < 0 {
		return unversioned
	}
	return version{ticks, true}
}

const (
	oplogSeconds = 32
	oplogOrd     = 31
)

// oplog is a version from MongoDB's cluster time: a second, and a number within it. The
// changes of one transaction share it.
func oplog(ticks, ord int64) (version, bool) {
	second := ticks / 1_000_000
	if ticks < 0 || second >= 1<<oplogSeconds || ord < 0 || ord >= 1<<oplogOrd {
		return unversioned, false
	}
	return version{second<<oplogOrd | ord, true}, true
}
