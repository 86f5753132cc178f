package part

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// unused refuses a data folder that another node has locked, before we touch its files.
func unused(node string) error {
	f, err := os.Open(filepath.Join(node, "data", "nodes", "0", "node.lock"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lock := syscall.Flock_t{Type: syscall.F_WRLCK}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &lock); err != nil {
		return err
	}
	if lock.Type != syscall.F_UNLCK {
		return fmt.Errorf("process %d uses %s already: stop it, or choose another data folder", lock.Pid, node)
	}
	return nil
}
