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

// unpack undoes gzip where body has its magic.
func unpack(body []byte) ([]byte, error) {
	if len(body) < 2 || body[0] != 0x1f || body[1] != 0x8b {
		return body, nil
	}
	return gunzip(body)
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
