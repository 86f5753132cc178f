package part

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAPackageThatIsNotWhatWasPinnedIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.tgz")
	if err := os.WriteFile(file, []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checkSum(file, strings.Repeat("0", 64)); err == nil || !strings.Contains(err.Error(), "not what was pinned") {
		t.Error(err)
	}
}
