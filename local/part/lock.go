package part

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"
)

// locked runs work while no other process holds the file's lock. The lock dies with its holder.
func locked(ctx context.Context, file string, work func() error) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	for syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		select {
		case <-ctx.Done():
			return fmt.Errorf("another process holds %s: %w", file, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	return work()
}
