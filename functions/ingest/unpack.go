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
	if !packed(body) {
		return body, nil
	}
	return gunzip(body)
}

func packed(body []byte) bool { return len(body) > 1 && body[0] == 0x1f && body[1] == 0x8b }

func pack(body []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(body) // a Buffer does not fail
	_ = w.Close()
	return out.Bytes()
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
