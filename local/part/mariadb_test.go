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
	greetsAndLeavesNothing(t, m.DSN, m.Port, m.data, m.Stop)
}

func greetsAndLeavesNothing(t *testing.T, dsn string, port int, data string, stop func(context.Context) error) {
	t.Helper()
	if err := greets(t.Context(), port); err != nil || !strings.HasPrefix(dsn, "sluice@tcp(127.0.0.1:") {
		t.Errorf("%s: %v", dsn, err)
	}
	if err := stop(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", data, err)
	}
}
