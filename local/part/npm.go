package part

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// NPM is one pinned package of the npm registry, taken without what it depends on and
// without running any of its scripts.
type NPM struct{ Name, Version, Sum string } // Sum: SHA-256 of the archive

var errNode = errors.New("Node.js 20 with npm is missing: https://nodejs.org") //nolint:staticcheck // its name

// Fetch returns the folder in the cache with the package's files, fetched once.
func (p NPM) Fetch(ctx context.Context, home Home) (string, error) {
	home, err := home.ready()
	if err != nil {
		return "", err
	}
	return p.fetch(ctx, home, "", func(context.Context, string) error { return nil })
}

// fetch has the package's files made ready by then, once for each variant.
func (p NPM) fetch(ctx context.Context, home Home, variant string, then func(context.Context, string) error) (string, error) {
	name := p.Name[strings.LastIndex(p.Name, "/")+1:]
	dir := filepath.Join(home.Cache, name+"-"+p.Version+variant)
	stamp := filepath.Join(dir, "complete")
	return dir, locked(ctx, dir+".lock", func() error {
		if _, err := os.Stat(stamp); err == nil {
			return nil
		}
		return home.step("Fetching "+name+" "+p.Version+" with npm, once", "Fetched "+name+" "+p.Version, func() error {
			if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755), p.unpack(ctx, dir)); err != nil {
				return err
			}
			if err := then(ctx, dir); err != nil {
				return err
			}
			return os.WriteFile(stamp, nil, 0o644)
		})
	})
}

func (p NPM) unpack(ctx context.Context, dir string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return errNode
	}
	if err := command(ctx, nil, npm, "pack", "--silent", "--pack-destination", dir, p.Name+"@"+p.Version); err != nil {
		return err
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return fmt.Errorf("npm pack %s left %d archives: %w", p.Name, len(archives), err)
	}
	if err := checkSum(archives[0], p.Sum); err != nil {
		return err
	}
	return errors.Join(command(ctx, nil, "tar", "-xzf", archives[0], "-C", dir), os.Remove(archives[0]))
}

func checkSum(file, want string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
		return fmt.Errorf("%s is not what was pinned: its SHA-256 is %x, not %s", file, sum, want)
	}
	return nil
}
