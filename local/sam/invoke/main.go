// Command invoke gives every file of events/ to its function by `sam local invoke`, then
// asks `sam local start-api` for what the functions stored, all in containers, against
// the servers that an endpoints file names. It refuses to take SAM's exit code, 0 even
// after a panic, for an answer: it reads the answer. Called by run.sh:
//
//	invoke ENDPOINTS BUILD_DIR ARCH
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type tally struct{ passed, failed int }

func (t *tally) note(what string, began time.Time, err error) {
	if err != nil {
		t.failed++
		fmt.Printf("FAIL  %s: %v\n", what, err)
		return
	}
	t.passed++
	fmt.Printf("ok    %-58s %5.1f s\n", what, time.Since(began).Seconds())
}

func run(ctx context.Context, endpoints, build, arch string) error {
	e, err := readEndpoints(endpoints)
	if err != nil {
		return err
	}
	s := sam{build: build, arch: arch, endpoints: e}
	if err := s.prepare(); err != nil {
		return err
	}
	if err := everyEvent(); err != nil {
		return err
	}
	var t tally
	for _, c := range calls {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		began := time.Now()
		t.note(c.event, began, s.call(ctx, c))
	}
	if err := s.api(ctx, &t); err != nil {
		return err
	}
	fmt.Printf("sam: %d passed, %d failed\n", t.passed, t.failed)
	if t.failed > 0 {
		return errors.New("not every function answered as it should")
	}
	return nil
}

// everyEvent refuses to leave a file of events/ out.
func everyEvent() error {
	files, err := filepath.Glob(filepath.Join("events", "*.json"))
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, c := range calls {
		known[c.event] = true
	}
	for _, f := range files {
		if !known[filepath.Base(f)] {
			return fmt.Errorf("%s is in no call: add it to local/sam/invoke/calls.go", f)
		}
	}
	return nil
}

func (s *sam) call(ctx context.Context, c call) error {
	before, err := s.endpoints.deadLetters(ctx)
	if err != nil {
		return err
	}
	answer, err := s.invoke(ctx, c.function, filepath.Join("events", c.event))
	if err != nil {
		return err
	}
	if err := s.endpoints.refresh(ctx); err != nil {
		return err
	}
	after, err := s.endpoints.deadLetters(ctx)
	if err == nil && after-before != c.letters {
		err = fmt.Errorf("%d dead letters, want %d", after-before, c.letters)
	}
	return errors.Join(err, c.want(answer))
}
