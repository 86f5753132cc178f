package lambdatest

import (
	"os"
	"path/filepath"
	"testing"
)

// Load reads events/<name> of this repository, found from the test's folder upwards.
func Load(t testing.TB, name string) []byte {
	t.Helper()
	payload, err := os.ReadFile(filepath.Join(root(t), "events", name))
	if err != nil {
		t.Fatalf("load event: %v", err)
	}
	return payload
}

// root is the folder of go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("load event: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("load event: no go.mod above the test's folder")
		}
		dir = up
	}
}
