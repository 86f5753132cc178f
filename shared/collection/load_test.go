package collection

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sluice-dev/sluice/shared/golden"
)

const wanted = "== must say\n"

// folder makes a file system of the "-- name --" sections of a text.
func folder(text string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for section := range strings.SplitSeq("\n"+text, "\n-- ") {
		if name, body, ok := strings.Cut(section, " --\n"); ok {
			fsys[name] = &fstest.MapFile{Data: []byte(body)}
		}
	}
	return fsys
}

// TestMistakesAreToldWithFileLineAndRemedy reads testdata/*.txt: files, and after them
// the mistakes that loading them must report, all of them and no other.
func TestMistakesAreToldWithFileLineAndRemedy(t *testing.T) {
	scripts, err := os.ReadDir("testdata/mistakes")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(script.Name(), ".txt"), func(t *testing.T) {
			path := "testdata/mistakes/" + script.Name()
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text, _, _ := strings.Cut(string(raw), wanted)
			got := "nothing is wrong\n"
			if _, err := Load(folder(text)); err != nil {
				got = err.Error() + "\n"
			}
			golden.Check(t, path, text+wanted+got)
		})
	}
}

func TestShippedCollectionsAreRight(t *testing.T) {
	set, err := LoadDir("../../collections")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range set.All() {
		if c.Policy == nil {
			t.Errorf("%s has no policy", c.Name)
		}
		for name, field := range c.Fields {
			if field.Doc == "" {
				t.Errorf("%s: field %s has no doc", c.Name, name)
			}
		}
	}
}
