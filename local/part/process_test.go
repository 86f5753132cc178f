package part

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func shell(t *testing.T, script string, line func(string)) Command {
	dir := t.TempDir()
	up := filepath.Join(dir, "up")
	return Command{
		Name: "shell", Args: []string{"sh", "-c", script}, Env: []string{"UP=" + up}, Log: filepath.Join(dir, "log"), Line: line,
		Ready: func(context.Context) error {
			_, err := os.Stat(up)
			return err
		},
	}
}

func TestProcessGivesItsLinesToTheListenerAndTheLog(t *testing.T) {
	var mu sync.Mutex
	var got []string
	p, err := Run(t.Context(), shell(t, `printf 'one\ntwo\n' ; echo three >&2; touch $UP; exec sleep 60`, func(line string) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, line)
	}))
	if err != nil {
		t.Fatal(err)
	}
	p.Kill()
	if want := []string{"one", "two", "three"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if log := tail(p.Log()); log != "one\ntwo\nthree" {
		t.Errorf("the log says %q", log)
	}
}

func TestProcessThatEndsWhileStartingSaysItsLastWords(t *testing.T) {
	_, err := Run(t.Context(), shell(t, `echo the disk is full; exit 3`, nil))
	if err == nil || !strings.Contains(err.Error(), "the disk is full") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("%v", err)
	}
}

func TestProcessThatIsNeverReadyIsKilled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := Run(ctx, shell(t, `sleep 60`, nil)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if time.Since(began) > 10*time.Second {
		t.Error("it was waited for")
	}
}

func TestProcessThatIgnoresTheTermSignalIsKilledWhenTimeIsOver(t *testing.T) {
	p, err := Run(t.Context(), shell(t, `trap '' TERM; touch $UP; while :; do sleep 1; done`, nil))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
	select {
	case <-p.Done():
	default:
		t.Error("it still runs")
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Errorf("a second stop: %v", err)
	}
}

func TestCacheIsPreparedByOneProcessAtATime(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lock")
	err := locked(t.Context(), file, func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
		defer cancel()
		return locked(ctx, file, func() error { return errors.New("two at once") })
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
