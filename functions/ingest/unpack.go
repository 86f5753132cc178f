package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// maxUnpacked bounds what a gzip body may grow to: a few kilobytes can claim to be
// gigabytes.
const maxUnpacked = 32 << 20

// unpack sets the record's body, without gzip if it has its magic.
func (s *scanner) unpack(r *record, data []byte) {
	r.body = data
	if len(data) < 2 || data[0] != 0x1f || data[1] != 0x8b {
		return
	}
	body, err := gunzip(data)
	if err != nil {
		r.body = nil
		r.condemn(letter{kind: "not_gzip", cause: "gzip: " + err.Error()})
		return
	}
	r.body = body
}

func gunzip(data []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(reader, maxUnpacked+1))
	if err == nil && len(body) > maxUnpacked {
		err = fmt.Errorf("more than %d bytes unpacked", maxUnpacked)
	}
	return body, err
}
