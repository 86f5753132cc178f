package object

import (
	"strings"
	"testing"
)

// BenchmarkCut is the rate, in unpacked bytes, at which lines are cut and packed content
// is passed over on the way to a checkpoint.
func BenchmarkCut(b *testing.B) {
	text := strings.Repeat(`{"@timestamp":"2026-05-17T09:05:03.120Z","message":"order A-1001 placed","service":{"name":"checkout"},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`+"\n", 50_000)
	array := "[" + strings.ReplaceAll(strings.TrimSpace(text), "\n", ",") + "]"
	for name, content := range map[string]string{"lines": text, "array": array, "gzip": zip(text), "zstd": zst(text)} {
		for _, skip := range []bool{false, true} {
			label := name
			if skip {
				label += "/skipped"
			}
			b.Run(label, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					c, err := Open(strings.NewReader(content), Hint{}, 5<<20)
					if err == nil && skip {
						err = c.SkipTo(int64(len(text)) - 1000)
					}
					for err == nil {
						_, err = c.Next()
					}
					c.Close()
				}
			})
		}
	}
}
