package line

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/golden"
)

// The lines are those of the formats' own documentation, which each format names.
func TestRealLinesOfEachFormatBecomeTheirDocuments(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			format, _ := Named(name)
			lines, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
			if err != nil || len(lines) == 0 {
				t.Fatalf("a format needs real lines: %v", err)
			}
			golden.Check(t, filepath.Join("testdata", name+".golden"), documents(t, format, lines))
		})
	}
}

// documents are one a line, indented; a heading is an empty one.
func documents(t *testing.T, format Format, lines []byte) string {
	t.Helper()
	var out strings.Builder
	for line := range bytes.Lines(lines) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		document, ok := format(nil, line)
		if !ok {
			t.Fatalf("refused: %s", line)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, document, "", "  "); len(document) > 0 && err != nil {
			t.Fatalf("%v: %s", err, document)
		}
		out.WriteString(indented.String() + "\n")
	}
	return out.String()
}

func TestAFormatRefusesTheLinesOfEveryOther(t *testing.T) {
	for _, name := range Names() {
		lines, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range Names() {
			format, _ := Named(other)
			if other == name || other == "text" {
				continue
			}
			for line := range bytes.Lines(lines) {
				if document, ok := format([]byte("before"), bytes.TrimSpace(line)); ok || string(document) != "before" {
					t.Errorf("%s takes a line of %s: %s", other, name, line)
				}
			}
		}
	}
}
