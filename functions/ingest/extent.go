package main

import (
	"strconv"
	"strings"
)

// extent is the part of an object that is to be read, in bytes of the unpacked stream,
// and the object's content that these are places in. The zero value is all of it.
type extent struct {
	from  int64
	until int64 // zero: its end
	etag  string
}

// String is the attribute `range`: from-until.
func (e extent) String() string {
	if e.from == 0 && e.until == 0 {
		return ""
	}
	text := strconv.FormatInt(e.from, 10) + "-"
	if e.until > 0 {
		text += strconv.FormatInt(e.until, 10)
	}
	return text
}

// between reads what String wrote; all of the object where it did not.
func (e *extent) between(text string) {
	first, last, _ := strings.Cut(text, "-")
	from, err := strconv.ParseInt(first, 10, 64)
	until := int64(0)
	if err == nil && last != "" {
		until, err = strconv.ParseInt(last, 10, 64)
	}
	if err == nil && from >= 0 && (until == 0 || until > from) {
		e.from, e.until = from, until
	}
}
