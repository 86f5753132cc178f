package client

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

func TestBodiesAreGzippedAboveTheLimit(t *testing.T) {
	large := []byte(strings.Repeat(`{"create":{}}`+"\n{}\n", 100))
	for name, c := range map[string]struct {
		above int
		body  []byte
		zip   bool
	}{
		"over the limit":  {100, large, true},
		"under the limit": {100, large[:90], false},
		"never":           {-1, large, false},
		"without auth":    {0, large, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, status(503, `{}`), ok)
			if _, _, err := ours(t, s.URL, func(cfg *Config) { cfg.CompressAbove = c.above }).Bulk(t.Context(), c.body); err != nil {
				t.Fatal(err)
			}
			for _, r := range s.seen() {
				got := r.body
				if zipped := r.header.Get("Content-Encoding") == "gzip"; zipped != c.zip {
					t.Fatalf("gzipped: %t", zipped)
				} else if zipped {
					z, err := gzip.NewReader(bytes.NewReader(got))
					if err != nil {
						t.Fatal(err)
					}
					if got, err = io.ReadAll(z); err != nil {
						t.Fatal(err)
					}
				}
				if !bytes.Equal(got, c.body) {
					t.Fatalf("%d bytes arrived, want %d", len(got), len(c.body))
				}
			}
		})
	}
}
