package lambdatest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Compile compiles a main package (an import path, or a path from the working directory)
// to a bootstrap exactly as `sam build` does, in dir, which is made if need be. It has
// expressions and rows if we have, and what more tags say.
func Compile(ctx context.Context, pkg, dir string, tags ...string) (string, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "bootstrap")
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc,nomsgpack"+expr+rows+strings.Join(append([]string{""}, tags...), ","), "-trimpath", "-ldflags", "-s -w", "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return path, nil
}
