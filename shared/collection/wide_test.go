package collection

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A cold start reads each collection: what it does for a field must not grow with their number.
func TestACollectionOfThousandsOfFieldsIsReadWithoutAListForEach(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	text.WriteString("name: wide\nappend_only: true\ntime: {field: at}\nindex: {policy: periodic, period: day}\nfields:\n  at: {type: date}\n")
	for i := range 4000 {
		fmt.Fprintf(&text, "  field.number_%d: {type: keyword}\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "wide.yaml"), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := LoadDir(dir); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 100 {
		t.Errorf("%d MB were allocated", mb)
	}
}
