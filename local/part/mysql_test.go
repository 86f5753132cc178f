package part

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMySQLStartsAsWhoeverWeAreAndLeavesNothing(t *testing.T) {
	m, err := StartMySQL(t.Context(), Home{Data: filepath.Join(t.TempDir(), strings.Repeat("long", 20))}, MySQLOptions{})
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

func TestALibraryThatCannotBeFetchedIsNamedWithTheWayToGetIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := library{"libnone.so.1", []string{"libnone1", "libnone1t64"}}.put(t.Context(), t.TempDir())
	const want = "libnone.so.1 is missing, which the server needs: install it (libnone1 or libnone1t64 of Debian and Ubuntu): apt-get and dpkg, which would fetch it, are missing"
	if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "RabbitMQ") {
		t.Error(err)
	}
}
