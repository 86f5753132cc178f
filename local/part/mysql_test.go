package part

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestMySQLStartsAsWhoeverWeAreAndLeavesNothing(t *testing.T) {
	m, err := StartMySQL(t.Context(), Home{Data: filepath.Join(t.TempDir(), strings.Repeat("long", 20))}, MySQLOptions{})
	if err != nil {
		t.Fatal(err)
	}
	greetsAndLeavesNothing(t, m.DSN, m.Port, m.data, m.Stop)
}

func TestALibraryThatCannotBeFetchedIsNamedWithTheWayToGetIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := library{"libnone.so.1", []string{"libnone1", "libnone1t64"}}.put(t.Context(), t.TempDir())
	const want = "libnone.so.1 is missing, which the server needs: install it (libnone1 or libnone1t64 of Debian and Ubuntu): apt-get and dpkg, which would fetch it, are missing"
	if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "RabbitMQ") {
		t.Error(err)
	}
}
