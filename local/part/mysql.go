package part

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

const mysqlVersion = "8.0.15"

//go:embed mysql/pom.xml
var mysqlPom string

// MySQLOptions choose the database server.
type MySQLOptions struct {
	Port int // wanted; a free one if zero or taken
}

// MySQL is a MySQL server on loopback: user sluice, database shop, no password. What it
// holds is gone when it is stopped.
type MySQL struct {
	*Process
	DSN  string // sluice@tcp(127.0.0.1:port)/shop, as Go's driver takes it
	Port int
	data string
}

// StartMySQL fetches the server if need be and returns when it answers.
func StartMySQL(ctx context.Context, home Home, o MySQLOptions) (*MySQL, error) {
	home, err := home.readyAt(&o.Port)
	if err != nil {
		return nil, err
	}
	m := &MySQL{Port: o.Port}
	m.DSN = "sluice@tcp(" + address(m.Port) + ")/shop"
	c, err := m.command(ctx, home)
	if err == nil {
		m.Process, err = home.run(ctx, c, address(m.Port))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("MySQL %s: %w", mysqlVersion, err), os.RemoveAll(m.data))
	}
	return m, nil
}

// Stop ends the server and removes what it held.
func (m *MySQL) Stop(ctx context.Context) error {
	return errors.Join(m.Process.Stop(ctx), os.RemoveAll(m.data))
}

func (m *MySQL) command(ctx context.Context, home Home) (c Command, err error) {
	base, err := mysqlHome(ctx, home)
	if err != nil {
		return c, err
	}
	if m.data, err = os.MkdirTemp(home.Data, "mysql-"); err != nil {
		return c, err
	}
	libraries := []string{"LD_LIBRARY_PATH=" + filepath.Join(base, "libraries")}
	data, first := filepath.Join(m.data, "data"), filepath.Join(m.data, "first.sql")
	server := []string{filepath.Join(base, "bin", "mysqld"), "--no-defaults", "--basedir=" + base, "--datadir=" + data, "--lc-messages-dir=" + filepath.Join(base, "share"),
		"--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0", "--skip-ssl"}
	if os.Geteuid() == 0 {
		server = append(server, "--user=root") // else it refuses
	}
	if err := command(ctx, libraries, append(server[:len(server):len(server)], "--initialize-insecure")...); err != nil {
		return c, err
	}
	const ours = "create user sluice@'127.0.0.1';\ngrant all on *.* to sluice@'127.0.0.1';\ncreate database shop;\n"
	return Command{
		Name: "MySQL " + mysqlVersion, Log: home.log("mysql"), Line: home.lines("mysql"), Env: libraries, Ready: func(ctx context.Context) error { return greets(ctx, m.Port) },
		Args: append(server, "--init-file="+first, "--bind-address=127.0.0.1", "--port="+strconv.Itoa(m.Port), "--socket=s", "--mysqlx=OFF",
			"--skip-name-resolve", "--default-time-zone=+00:00", "--disable-log-bin"),
	}, os.WriteFile(first, []byte(ours), 0o600)
}

// mysqlHome unpacks the server and the libraries that it needs of Debian's, once.
func mysqlHome(ctx context.Context, home Home) (string, error) {
	if platform := runtime.GOOS + "/" + runtime.GOARCH; platform != "linux/amd64" {
		return "", errors.New("there is none for " + platform)
	}
	java, err := findJava(java17, home.jvms)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(home.Cache, "mysql-"+mysqlVersion)
	jar, err := maven{home, java}.classpath(ctx, "MySQL "+mysqlVersion, mysqlPom, dir)
	if err != nil {
		return "", err
	}
	files, stamp := filepath.Join(dir, "files"), filepath.Join(dir, "complete")
	return files, locked(ctx, dir+".lock", func() error {
		if _, err := os.Stat(stamp); err != nil {
			if err := unpackMySQL(ctx, jar, files); err != nil {
				return err
			}
		}
		for _, l := range mysqlLibraries {
			if err := l.put(ctx, files); err != nil {
				return err
			}
		}
		return os.WriteFile(stamp, nil, 0o644)
	})
}

func unpackMySQL(ctx context.Context, jar, files string) error {
	if err := errors.Join(os.RemoveAll(files), unzip(jar, files)); err != nil {
		return err
	}
	return command(ctx, nil, "tar", "-xzf", filepath.Join(files, "mysql-Linux-amd64.tar.gz"), "-C", files)
}
