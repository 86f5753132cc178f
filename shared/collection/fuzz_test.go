package collection

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzLoad: no file makes loading panic, and one that is refused is in no set.
func FuzzLoad(f *testing.F) {
	scripts, err := os.ReadDir("testdata/mistakes")
	if err != nil {
		f.Fatal(err)
	}
	for _, script := range scripts {
		raw, err := os.ReadFile("testdata/mistakes/" + script.Name())
		if err != nil {
			f.Fatal(err)
		}
		_, text, _ := strings.Cut(string(raw), " --\n")
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := Load(fstest.MapFS{"logs.yaml": {Data: []byte(text)}})
		switch all := set.All(); {
		case err != nil && len(all) > 0:
			t.Errorf("refused and yet in the set: %v", err)
		case err == nil && (len(all) != 1 || all[0].Policy == nil):
			t.Error("accepted without a policy")
		}
	})
}
