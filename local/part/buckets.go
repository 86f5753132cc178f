package part

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

const versityVersion = "1.8.0"

// BucketsOptions choose the S3 server.
type BucketsOptions struct {
	Port    int    // wanted; a free one if zero or taken
	Webhook string // URL that is posted what happens to objects; empty: none
}

// Buckets is an S3 server on loopback, Versity's gateway over a folder: it streams, so
// that an object may be larger than memory. Its credentials are local and local.
type Buckets struct {
	*Process
	URL string
}

// StartBuckets compiles the server if need be and returns when it answers.
func StartBuckets(ctx context.Context, home Home, o BucketsOptions) (*Buckets, error) {
	home, err := home.readyAt(&o.Port)
	if err != nil {
		return nil, err
	}
	name := "Versity S3 gateway " + versityVersion
	program, err := versity(ctx, home)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	args := []string{program, "--port", "127.0.0.1:" + strconv.Itoa(o.Port), "--health", "/health", "--quiet"}
	if o.Webhook != "" {
		args = append(args, "--event-webhook-url", o.Webhook)
	}
	args = append(args, "posix")
	for _, folder := range []struct{ flag, name string }{{"--sidecar", "metadata"}, {"--versioning-dir", "versions"}, {"", "objects"}} {
		dir := filepath.Join(home.Data, "buckets", folder.name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		if folder.flag != "" {
			args = append(args, folder.flag)
		}
		args = append(args, dir)
	}
	b := &Buckets{URL: baseURL(o.Port)}
	b.Process, err = home.run(ctx, Command{
		Name: name, Args: args, Env: []string{"ROOT_ACCESS_KEY=local", "ROOT_SECRET_KEY=local"},
		Log: home.log("buckets"), Line: home.lines("buckets"),
		Ready: func(ctx context.Context) error { return answers(ctx, b.URL+"/health", nil) },
	}, b.URL)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// versity is the program, compiled once of the module's pinned version.
func versity(ctx context.Context, home Home) (string, error) {
	dir := filepath.Join(home.Cache, "versitygw-"+versityVersion)
	program := filepath.Join(dir, "versitygw")
	return program, locked(ctx, dir+".lock", func() error {
		if _, err := os.Stat(program); err == nil {
			return nil
		}
		return home.step("Compiling the S3 server, once", "Compiled the S3 server", func() error {
			env := []string{"GOBIN=" + dir, "CGO_ENABLED=0", "GOFLAGS="}
			return command(ctx, env, "go", "install", "-trimpath", "-ldflags=-s -w", "github.com/versity/versitygw/cmd/versitygw@v"+versityVersion)
		})
	})
}
