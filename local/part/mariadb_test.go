package part

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMariaDBStartsAsWhoeverWeAreAndLeavesNothing(t *testing.T) {
	m, err := StartMariaDB(t.Context(), Home{Data: filepath.Join(t.TempDir(), strings.Repeat("long", 20))}, MariaDBOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := greets(t.Context(), m.Port); err != nil || !strings.HasPrefix(m.DSN, "sluice@tcp(127.0.0.1:") {
		t.Errorf("%s: %v", m.DSN, err)
	}
	if err := m.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(m.data); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", m.data, err)
	}
}
