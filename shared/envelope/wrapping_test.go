package envelope

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/golden"
)

// Each testdata/wrapping/<name>/x.json is {"note", "value": body}; x.json.golden is what
// was inside.
func TestEveryWrappingIsTakenOffAsItsGolden(t *testing.T) {
	for _, w := range wrappings {
		files, err := filepath.Glob("testdata/wrapping/" + w.name + "/*.json")
		if err != nil || len(files) == 0 {
			t.Errorf("wrapping %s has no bodies in testdata", w.name)
		}
		for _, file := range files {
			t.Run(file, func(t *testing.T) {
				golden.Check(t, file+".golden", inventory(valueOf(t, file)))
			})
		}
	}
}

// inventory is what is inside a wrapping, one line a thing.
func inventory(body []byte) string {
	contents, ok := Unwrap(body)
	if !ok {
		return "not wrapped\n"
	}
	var b strings.Builder
	for _, c := range contents {
		if c.Skip != "" {
			fmt.Fprintf(&b, "skipped %s from %q\n", c.Skip, c.From)
			continue
		}
		fmt.Fprintf(&b, "position %q taken %s", c.Position, c.Taken.UTC().Format("2006-01-02T15:04:05.999Z07:00"))
		fmt.Fprintf(&b, " collection %q id %q sole %v wraps %v event %d bytes\n", c.Collection, c.ID, c.Sole, c.Wraps, len(c.Event))
		if c.Log != nil {
			fmt.Fprintf(&b, "  beside %s\n", c.Log.Members)
		}
		fmt.Fprintf(&b, "  %s\n", c.Body)
	}
	return b.String()
}

func TestNoChangeMessageIsTakenForAWrapping(t *testing.T) {
	files, _ := filepath.Glob("testdata/*/*.json")
	if len(files) == 0 {
		t.Fatal("no messages")
	}
	for _, file := range files {
		if _, wrapped := Unwrap(valueOf(t, file)); wrapped {
			t.Errorf("%s is taken for wrapped", file)
		}
	}
}

func FuzzUnwrap(f *testing.F) {
	files, _ := filepath.Glob("testdata/wrapping/*/*.json")
	for _, file := range files {
		f.Add(valueOf(f, file))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		contents, ok := Unwrap(body)
		if !ok {
			return
		}
		if len(contents) > Most+1 {
			t.Fatalf("%d contents", len(contents))
		}
		for _, c := range contents {
			if c.Skip == "" && (c.Position == "" || c.Body == nil) {
				t.Errorf("nothing to know it by: %+v", c)
			}
		}
	})
}

// What most documents cost: a look at the first name.
func BenchmarkUnwrapPlain(b *testing.B) {
	body := []byte(`{"@timestamp":"2026-05-17T09:05:03.310Z","message":"` + strings.Repeat("GET /index.html ", 30) + `"}`)
	for b.Loop() {
		if _, ok := Unwrap(body); ok {
			b.Fatal("wrapped")
		}
	}
}
