package parttest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/sluice-dev/sluice/local/part"
)

// Postgres is a real PostgreSQL of the test's own.
func Postgres(t testing.TB) *part.Postgres {
	t.Helper()
	p, err := part.StartPostgres(t.Context(), home(t), part.PostgresOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, p) })
	return p
}

// MariaDB is a real MariaDB of the test's own.
func MariaDB(t testing.TB) *part.MariaDB {
	t.Helper()
	m, err := part.StartMariaDB(t.Context(), home(t), part.MariaDBOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, m) })
	return m
}

// Databases are one of each kind.
type Databases struct {
	Postgres *part.Postgres
	MariaDB  *part.MariaDB
	MySQL    *part.MySQL
}

// RunWithDatabases runs a package's tests beside one database of each kind, which use is
// given before. What it returns is the code that TestMain ends with.
func RunWithDatabases(m *testing.M, use func(Databases)) int {
	code, err := withDatabases(m, use)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func withDatabases(m *testing.M, use func(Databases)) (int, error) {
	dir, err := os.MkdirTemp("", "sluice-databases-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	ctx := context.Background()
	h := part.Home{Data: filepath.Join(dir, "data"), Say: func(s string) { fmt.Fprintln(os.Stderr, s) }}
	pg, err := part.StartPostgres(ctx, h, part.PostgresOptions{})
	if err != nil {
		return 0, err
	}
	defer pg.Stop(ctx) //nolint:errcheck // the test is over
	maria, err := part.StartMariaDB(ctx, h, part.MariaDBOptions{})
	if err != nil {
		return 0, err
	}
	defer maria.Stop(ctx) //nolint:errcheck // the test is over
	my, err := part.StartMySQL(ctx, h, part.MySQLOptions{})
	if err != nil {
		return 0, err
	}
	defer my.Stop(ctx) //nolint:errcheck // the test is over
	use(Databases{pg, maria, my})
	return m.Run(), nil
}
