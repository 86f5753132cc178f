// Command inspect checks what `sam build` made: each bootstrap is static, stripped, for
// the right processor, built with the tags that keep it small, within its size, and has
// the collections beside it. It runs nothing. Called by build.sh:
//
//	inspect BUILD_DIR GOARCH
package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const (
	maxBootstrap = 17 << 20
	maxZip       = 6 << 20 // ingest has 4.3 MB and search 5.5 on arm64; amd64 is a tenth larger
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir, arch string) error {
	found, err := filepath.Glob(filepath.Join(dir, "*", "bootstrap"))
	if err != nil || len(found) == 0 {
		return errors.Join(fmt.Errorf("%s holds no bootstrap", dir), err)
	}
	var mistakes []error
	for _, path := range found {
		if err := inspect(path, arch); err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s: %w", path, err))
		}
	}
	return errors.Join(mistakes...)
}

func inspect(path, arch string) error {
	folder := filepath.Dir(path)
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	zipped, err := zippedSize(folder)
	if err != nil {
		return err
	}
	largest, largestZip, err := sizes(path)
	if err != nil {
		return err
	}
	fmt.Printf("%-22s %5.2f MB, zipped %4.2f MB, %s\n", filepath.Base(folder), megabytes(info.Size()), megabytes(zipped), arch)
	return errors.Join(
		atMost("bootstrap", info.Size(), largest), atMost("zip", zipped, largestZip),
		checkELF(path, arch), checkBuild(path, arch), checkCollections(folder),
	)
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

func atMost(what string, n, limit int64) error {
	if n > limit {
		return fmt.Errorf("%s has %.2f MB, at most %.2f are allowed", what, megabytes(n), megabytes(limit))
	}
	return nil
}

type counter int64

func (c *counter) Write(b []byte) (int, error) { *c += counter(len(b)); return len(b), nil }

// zippedSize is what `sam deploy` would upload of folder.
func zippedSize(folder string) (int64, error) {
	var n counter
	w := zip.NewWriter(&n)
	if err := w.AddFS(os.DirFS(folder)); err != nil {
		return 0, err
	}
	return int64(n), w.Close()
}

func checkCollections(folder string) error {
	want, err := filepath.Glob(filepath.Join("collections", "*.yaml"))
	if err != nil || len(want) == 0 {
		return errors.Join(errors.New("no collections here"), err)
	}
	for _, path := range want {
		if err := sameFile(path, filepath.Join(folder, path)); err != nil {
			return err
		}
	}
	return nil
}

func sameFile(a, b string) error {
	want, errA := os.ReadFile(a) //nolint:gosec // a path of the build
	have, errB := os.ReadFile(b) //nolint:gosec // a path of the build
	if err := errors.Join(errA, errB); err != nil {
		return err
	}
	if !bytes.Equal(have, want) {
		return fmt.Errorf("%s is not what it was built from", b)
	}
	return nil
}
