package part

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

const redisVersion = "6.2"

//go:embed redis/pom.xml
var redisPom string

// redisServers are the binaries inside the jar.
var redisServers = map[string]string{
	"linux/amd64":  "redis-server-6.2.6-v5-linux-amd64",
	"linux/arm64":  "redis-server-6.2.7-linux-arm64",
	"darwin/amd64": "redis-server-6.2.6-v5-darwin-amd64",
	"darwin/arm64": "redis-server-6.2.6-v5-darwin-arm64",
}

// RedisOptions choose the server.
type RedisOptions struct {
	Port     int      // wanted; a free one if zero or taken
	Password string   // of everybody
	TLS      bool     // and nothing else
	Cluster  bool     // a node of a cluster, without slots yet
	Settings []string // further ones: "--maxmemory", "2mb"
}

// Redis is a redis-server on loopback. What it holds is gone when it ends.
type Redis struct {
	*Process
	URL         string // redis:// or rediss://, with the password
	Port        int
	Certificate string // file of the certificate to trust; empty without TLS

	options RedisOptions
}

// StartRedis fetches the server if need be and returns when it answers.
func StartRedis(ctx context.Context, home Home, o RedisOptions) (*Redis, error) {
	home, err := home.ready()
	if err != nil {
		return nil, err
	}
	r := &Redis{options: o}
	choose := Port
	if o.Cluster {
		choose = busPort
	}
	if r.Port, err = choose(o.Port); err != nil {
		return nil, err
	}
	c, err := r.command(ctx, home)
	if err != nil {
		return nil, fmt.Errorf("Redis %s: %w", redisVersion, err)
	}
	r.Process, err = home.run(ctx, c, address(r.Port))
	if err != nil {
		return nil, err
	}
	return r, nil
}

// busPort is a Port with a free one 10,000 above it, where a cluster's nodes talk to each other.
func busPort(wanted int) (int, error) {
	for range 200 {
		port, err := Port(wanted)
		if err != nil || free(port+10_000) {
			return port, err
		}
		wanted = 0
	}
	return 0, errors.New("no free port on 127.0.0.1 with a free one 10,000 above it")
}

func (r *Redis) command(ctx context.Context, home Home) (Command, error) {
	server, err := redisServer(ctx, home)
	if err != nil {
		return Command{}, err
	}
	data, err := os.MkdirTemp(home.Data, "redis-") // a folder of its own: a cluster's node writes a file
	if err != nil {
		return Command{}, err
	}
	user, scheme, port := "", "redis", strconv.Itoa(r.Port)
	args := []string{server, "--bind", "127.0.0.1", "--dir", data, "--save", "", "--appendonly", "no", "--daemonize", "no"}
	if r.options.Password != "" {
		user = ":" + r.options.Password + "@"
		args = append(args, "--requirepass", r.options.Password)
	}
	if r.options.TLS {
		if err := writeCertificate(data); err != nil {
			return Command{}, err
		}
		scheme, r.Certificate = "rediss", filepath.Join(data, certificateFile)
		args = append(args, "--port", "0", "--tls-port", port, "--tls-auth-clients", "no", "--tls-cert-file", r.Certificate, "--tls-key-file", filepath.Join(data, keyFile))
	} else {
		args = append(args, "--port", port)
	}
	if r.options.Cluster {
		args = append(args, "--cluster-enabled", "yes")
	}
	r.URL = scheme + "://" + user + "127.0.0.1:" + port
	name := "redis-" + port
	return Command{Name: "Redis " + redisVersion, Args: append(args, r.options.Settings...), Log: home.log(name), Line: home.lines("redis"), Ready: r.serves}, nil
}

// redisServer unpacks the server of this platform, once.
func redisServer(ctx context.Context, home Home) (string, error) {
	name := redisServers[runtime.GOOS+"/"+runtime.GOARCH]
	if name == "" {
		return "", errors.New("there is none for " + runtime.GOOS + "/" + runtime.GOARCH)
	}
	java, err := findJava(java17, home.jvms)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(home.Cache, "redis-"+fingerprint(redisPom))
	jars, err := maven{home, java}.classpath(ctx, "Redis "+redisVersion, redisPom, dir)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, name)
	return file, locked(ctx, dir+".lock", func() error {
		if _, err := os.Stat(file); err == nil {
			return nil
		}
		all := filepath.SplitList(jars) // the others are what its Java needs
		own := slices.IndexFunc(all, func(jar string) bool { return strings.HasPrefix(filepath.Base(jar), "embedded-redis-") })
		if own < 0 {
			return errors.New("Maven gave no jar of embedded-redis")
		}
		archive, err := zip.OpenReader(all[own])
		if err != nil {
			return err
		}
		defer archive.Close()
		content, err := fs.ReadFile(archive, name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file+".new", content, 0o755); err != nil { //nolint:gosec // it is run
			return err
		}
		return os.Rename(file+".new", file)
	})
}

// serves is nil if the server answers, if only that it wants a password.
func (r *Redis) serves(ctx context.Context) error {
	answer, err := r.Say(ctx, "PING")
	if err == nil && !strings.HasPrefix(answer, "+PONG") && !strings.HasPrefix(answer, "-NOAUTH") {
		err = errors.New("it answers " + answer)
	}
	return err
}

// Say sends one command, given as a line, and returns the first line of its answer.
func (r *Redis) Say(ctx context.Context, command string) (string, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address(r.Port))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if r.Certificate != "" {
		trusted, err := os.ReadFile(r.Certificate)
		if err != nil {
			return "", err
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(trusted)
		conn = tls.Client(conn, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12})
	}
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	in := bufio.NewReader(conn)
	if r.options.Password != "" {
		if _, err := fmt.Fprintf(conn, "AUTH %s\r\n", r.options.Password); err != nil {
			return "", err
		}
		if _, err := in.ReadString('\n'); err != nil {
			return "", err
		}
	}
	if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
		return "", err
	}
	line, err := in.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err
}
