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
	"strings"
)

const postgresVersion = "17.6.0"

//go:embed postgres/pom.xml
var postgresPom string

// PostgresOptions choose the database server.
type PostgresOptions struct {
	Port int // wanted; a free one if zero or taken
}

// Postgres is a PostgreSQL server on loopback with logical decoding: user and database
// postgres, no password. What it holds is gone when it is stopped.
type Postgres struct {
	*Process
	URL  string // postgres://postgres@127.0.0.1:port/postgres
	Port int
	dir  string
}

// StartPostgres fetches the server if need be and returns when it answers.
func StartPostgres(ctx context.Context, home Home, o PostgresOptions) (*Postgres, error) {
	home, err := home.readyAt(&o.Port)
	if err != nil {
		return nil, err
	}
	p := &Postgres{Port: o.Port}
	p.URL = "postgres://postgres@" + address(p.Port) + "/postgres"
	c, err := p.command(ctx, home)
	if err == nil {
		p.Process, err = home.run(ctx, c, address(p.Port))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("PostgreSQL %s: %w", postgresVersion, err), os.RemoveAll(p.dir))
	}
	return p, nil
}

// Stop ends the server and removes what it held.
func (p *Postgres) Stop(ctx context.Context) error {
	return errors.Join(p.Process.Stop(ctx), os.RemoveAll(p.dir))
}

// command unpacks the server into a folder of its own and makes an empty database. The
// server refuses to run as root: as root, it runs as nobody, who could not reach a folder
// of root's.
func (p *Postgres) command(ctx context.Context, home Home) (c Command, err error) {
	if p.dir, err = os.MkdirTemp("", "sluice-postgres-"); err != nil {
		return c, err
	}
	if err := p.unpack(ctx, home); err != nil {
		return c, err
	}
	c = Command{Name: "PostgreSQL " + postgresVersion, Log: home.log("postgres"), Line: home.lines("postgres"), Ready: p.serves}
	data := filepath.Join(p.dir, "data")
	if os.Geteuid() == 0 {
		c.User = nobody
		if err := os.Chown(p.dir, nobody, nobody); err != nil {
			return c, err
		}
	}
	err = commandAs(ctx, c.User, p.dir, p.tool("initdb"), "--pgdata="+data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	c.Args = []string{p.tool("postgres"), "-D", data, "-p", strconv.Itoa(p.Port)}
	for _, setting := range []string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=", "wal_level=logical", "max_wal_senders=10", "max_replication_slots=10",
		"fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB", "timezone=UTC",
	} {
		c.Args = append(c.Args, "-c", setting)
	}
	return c, err
}

func (p *Postgres) tool(name string) string { return filepath.Join(p.dir, "bin", name) }

func (p *Postgres) unpack(ctx context.Context, home Home) error {
	platform, ok := map[string]string{
		"linux/amd64": "linux-amd64", "linux/arm64": "linux-arm64v8", "darwin/amd64": "darwin-amd64", "darwin/arm64": "darwin-arm64v8",
	}[runtime.GOOS+"/"+runtime.GOARCH]
	if !ok {
		return errors.New("there is none for " + runtime.GOOS + " on " + runtime.GOARCH)
	}
	java, err := findJava(java17, home.jvms)
	if err != nil {
		return err
	}
	jar, err := maven{home, java}.classpath(ctx, "PostgreSQL "+postgresVersion, strings.Replace(postgresPom, "PLATFORM", platform, 1), filepath.Join(home.Cache, "postgres-"+postgresVersion))
	if err != nil {
		return err
	}
	if err := unzip(jar, p.dir); err != nil {
		return err
	}
	archives, err := filepath.Glob(filepath.Join(p.dir, "*.txz"))
	if err != nil || len(archives) != 1 {
		return fmt.Errorf("%s holds %d archives: %w", jar, len(archives), err)
	}
	if err := command(ctx, nil, "tar", "-xJf", archives[0], "-C", p.dir); err != nil {
		return fmt.Errorf("tar and xz are needed (apt-get install xz-utils): %w", err)
	}
	return os.Chmod(p.dir, 0o755)
}

// serves asks for a session, as a client does, and wants to be let in.
func (p *Postgres) serves(ctx context.Context) error {
	conn, err := dial(ctx, p.Port)
	if err != nil {
		return err
	}
	defer conn.Close()
	const hello = "\x00\x03\x00\x00user\x00postgres\x00\x00"
	if _, err := conn.Write([]byte("\x00\x00\x00" + string(rune(len(hello)+4)) + hello)); err != nil {
		return err
	}
	answer := make([]byte, 1)
	if _, err := conn.Read(answer); err != nil {
		return err
	}
	if answer[0] != 'R' {
		return errors.New("it does not let us in yet")
	}
	return nil
}
