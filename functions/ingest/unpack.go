package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/sluice-dev/sluice/shared/message"
)

// unpack undoes gzip where body has its magic.
func unpack(body []byte) ([]byte, error) {
	if !packed(body) {
		return body, nil
	}
	return gunzip(body)
}

func packed(body []byte) bool { return len(body) > 1 && body[0] == 0x1f && body[1] == 0x8b }

func gunzip(data []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(reader, message.MaxUnpacked+1))
	if err == nil && len(body) > message.MaxUnpacked {
		err = fmt.Errorf("more than %d bytes unpacked", message.MaxUnpacked)
	}
	return body, err
}
