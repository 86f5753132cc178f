package part

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// library is one that a server needs and a bare machine lacks, with the names that its
// package has in Debian and Ubuntu.
type library struct {
	name     string
	packages []string
}

var mysqlLibraries = []library{
	{"libaio.so.1", []string{"libaio1", "libaio1t64"}}, // the latter since Debian 13 and Ubuntu 24.04
	{"libnuma.so.1", []string{"libnuma1"}},
}

// put copies it into files/libraries, once: the machine's own, or Debian's, which it fetches.
func (l library) put(ctx context.Context, files string) error {
	library := filepath.Join(files, "libraries", l.name)
	if _, err := os.Stat(library); err == nil {
		return nil
	}
	if err := errors.Join(os.RemoveAll(library), os.MkdirAll(filepath.Dir(library), 0o755)); err != nil {
		return err
	}
	copied := func(folder string) bool {
		found, _ := filepath.Glob(filepath.Join(folder, l.name+"*"))
		if len(found) == 0 {
			return false
		}
		content, err := os.ReadFile(found[0]) // a link would break where the repository is moved
		return err == nil && os.WriteFile(library, content, 0o644) == nil
	}
	if copied("/usr/lib/x86_64-linux-gnu") || copied("/lib64") {
		return nil
	}
	var all error
	for _, name := range l.packages {
		debian := filepath.Join(files, "debian", name)
		err := unpackDebian(ctx, debian, []string{name})
		if err == nil && copied(filepath.Join(debian, "usr/lib/x86_64-linux-gnu")) {
			return nil
		}
		all = errors.Join(all, err)
	}
	return fmt.Errorf("%s is missing, which the server needs: install it (%s of Debian and Ubuntu): %w", l.name, strings.Join(l.packages, " or "), all)
}
