package lambdatest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Build compiles a main package (an import path, or a path from the test's folder) to
// a bootstrap exactly as `sam build` does, and returns its path. It is removed with the test.
func Build(t testing.TB, pkg string) string {
	t.Helper()
	path, err := Compile(t.Context(), pkg, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Compile is Build into a folder of the caller's, made if need be.
func Compile(ctx context.Context, pkg, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "bootstrap")
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc,nomsgpack", "-trimpath", "-ldflags", "-s -w", "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return path, nil
}
