package client

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A second process of this test binary is the environment: it is frozen for real.
const environment = "SLUICE_TEST_ENVIRONMENT"

func TestMain(m *testing.M) {
	if url := os.Getenv(environment); url != "" {
		if err := invocations(url); err != nil {
			fmt.Println(err)
		}
		return
	}
	os.Exit(m.Run())
}

// invocations calls OpenSearch once per line of stdin, and says how it went.
func invocations(url string) error {
	cfg := quick(url)
	cfg.MaxAttempts = 1
	c, err := New(cfg, Deps{Now: time.Now})
	if err != nil {
		return err
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		call := searchCall
		if in.Text() == "rollover" {
			call = rolloverCall
		}
		_, err := c.Do(context.Background(), call)
		fmt.Println(err)
	}
	return nil
}

func TestAFrozenEnvironmentThawsWithoutAnError(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(ok))
	defer s.Close()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), environment+"="+s.URL)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewScanner(stdout)
	invoke := func(what string) {
		t.Helper()
		_, _ = io.WriteString(stdin, what+"\n")
		_ = cmd.Process.Signal(syscall.SIGCONT)
		if !out.Scan() || strings.TrimSpace(out.Text()) != "<nil>" {
			t.Fatalf("%s: %s", what, out.Text())
		}
	}
	for range 10 {
		for _, what := range []string{"search", "rollover"} {
			invoke("search") // leaves its connection in the pool
			_ = cmd.Process.Signal(syscall.SIGSTOP)
			s.CloseClientConnections()
			invoke(what)
		}
	}
	_ = stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}
