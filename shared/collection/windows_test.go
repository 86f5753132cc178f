package collection

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTheCachesWindowsHaveTheirDefaults(t *testing.T) {
	for text, want := range map[string][3]time.Duration{
		"":                             {},
		"search: {cache: {fresh: 5s}}": {5 * time.Second, time.Hour, 10 * time.Minute},
		"search: {cache: {fresh: 0s, settled: 0s, stale: 0s}}":  {},
		"search: {cache: {fresh: 2m, settled: 1d, stale: 90s}}": {2 * time.Minute, 24 * time.Hour, 90 * time.Second},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("name: a\nindex: {policy: single}\nfields: {n: {type: long}}\n"+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		set, err := LoadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var got [3]time.Duration
		if got[0], got[1], got[2] = set.All()[0].Search.Windows(); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
