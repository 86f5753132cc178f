package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// alone refuses a second run over the same data; the lock dies with its holder.
func alone(dir string) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // our own folder
	if err != nil {
		return nil, err
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		_ = f.Close()
		return nil, errors.New("another `make run` is up in this checkout: stop it first")
	}
	return func() { _ = f.Close() }, nil
}
