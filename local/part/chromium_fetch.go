package part

import (
	"context"
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The npm package carries the browser itself, for Linux on x86-64, with the libraries that
// a bare machine lacks.
var chromiumPackage = NPM{"@sparticuz/chromium", "147.0.0", "18fe5404ce845594cd7d592fc07f37a19514079ba4d9c27192ad8b908743f16b"}

//go:embed chromium/unpack.js
var chromiumUnpack string

//go:embed chromium/fonts.conf
var chromiumFonts string

// fetchChromium unpacks the pinned package into the cache, once.
func fetchChromium(ctx context.Context, home Home) (browser, error) {
	dir, err := chromiumPackage.fetch(ctx, home, "-"+fingerprint(chromiumUnpack+chromiumFonts), func(ctx context.Context, dir string) error {
		node, err := exec.LookPath("node")
		if err != nil {
			return errNode
		}
		fonts := strings.ReplaceAll(chromiumFonts, "DIR", dir)
		return errors.Join(
			os.WriteFile(filepath.Join(dir, "fonts.conf"), []byte(fonts), 0o644),
			command(ctx, nil, node, "-e", chromiumUnpack, dir),
			os.RemoveAll(filepath.Join(dir, "package")),
		)
	})
	return browser{filepath.Join(dir, "chromium"), []string{
		"LD_LIBRARY_PATH=" + filepath.Join(dir, "al2023", "lib"), "FONTCONFIG_FILE=" + filepath.Join(dir, "fonts.conf"),
	}}, err
}
