package part

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestErlangIsFoundWhereverTheRepositoryIsMoved(t *testing.T) {
	for name, line := range map[string]string{"of Debian": "    ROOTDIR=/usr/lib/erlang", "of an earlier version": `ROOTDIR="/gone/usr/lib/erlang"`} {
		from, to := filepath.Join(t.TempDir(), "erlang"), filepath.Join(t.TempDir(), "a b")
		if err := os.MkdirAll(filepath.Join(from, "bin"), 0o755); err != nil {
			t.Fatal(err)
		}
		starter := "#!/bin/sh\n" + line + "\nprintf %s \"$ROOTDIR\"\n"
		if err := os.WriteFile(filepath.Join(from, "bin", "erl"), []byte(starter), 0o755); err != nil {
			t.Fatal(err)
		}
		for range 2 { // each start looks
			if err := moveErlang(from); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
		found, err := exec.CommandContext(t.Context(), filepath.Join(to, "bin", "erl")).Output()
		if err != nil || strings.TrimSpace(string(found)) != to {
			t.Errorf("%s: %s, want %s: %v", name, found, to, err)
		}
	}
}
