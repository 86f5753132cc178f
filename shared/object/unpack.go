package object

import (
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// unpacker is the layers of compression that are taken off a stream. AWS itself makes
// two: Firehose packs what CloudWatch Logs has packed before.
type unpacker struct {
	names  []string
	closes []func()
}

const maxLayers = 2

// maxWindow of zstd, in bytes: all of its levels but --ultra's highest keep within it.
const maxWindow = 64 << 20

// unpack finds out by its first bytes how a stream is packed.
func unpack(from io.Reader) (*unpacker, io.Reader, error) {
	u := &unpacker{}
	for {
		w := window{from: from}
		head := w.see(4)
		if err := w.ended(); err != nil {
			return u, nil, err
		}
		from = io.MultiReader(bytes.NewReader(head), from)
		open := opener(head)
		if open == nil || len(u.names) == maxLayers {
			return u, from, nil
		}
		if err := open(u, &from); err != nil {
			return u, nil, err
		}
	}
}

func opener(head []byte) func(*unpacker, *io.Reader) error {
	switch {
	case len(head) < 4:
		return nil
	case head[0] == 0x1f && head[1] == 0x8b:
		return (*unpacker).gzip
	case head[1] == 0xb5 && head[2] == 0x2f && head[3] == 0xfd && head[0] == 0x28,
		head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18 && head[0]&0xf0 == 0x50:
		return (*unpacker).zstd
	}
	return nil
}

func (u *unpacker) gzip(from *io.Reader) error {
	u.names = append(u.names, "gzip")
	r, err := gzip.NewReader(*from)
	if err == nil {
		*from = r
	}
	return err
}

func (u *unpacker) zstd(from *io.Reader) error {
	u.names = append(u.names, "zstd")
	r, err := zstd.NewReader(*from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err == nil {
		*from, u.closes = r, append(u.closes, r.Close)
	}
	return err
}

func (u *unpacker) packed() bool { return len(u.names) > 0 }

// name is the innermost layer's.
func (u *unpacker) name() string {
	if !u.packed() {
		return "object"
	}
	return u.names[len(u.names)-1]
}

func (u *unpacker) close() {
	if u == nil {
		return
	}
	for _, c := range u.closes {
		c()
	}
	u.closes = nil
}
