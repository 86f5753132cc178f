package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// request is one to `sam local start-api`, and what must come back.
type request struct {
	method, path, body string
	code               int
	everything         []string
}

const hour = "&from=2026-05-17T09%3A00%3A00Z&to=2026-05-17T10%3A00%3A00Z"

var requests = []request{
	{"GET", "/healthz?deep=1", "", 200, nil},
	{"GET", "/v1/collections", "", 200, []string{"logs", "orders"}},
	{"GET", "/v1/logs/search?q=payment" + hour, "", 200, []string{"payment provider answered after 2.9 s"}},
	{"GET", "/v1/logs/search?q=http.response.status_code%3A503" + hour, "", 200, []string{"/labels"}},
	{"GET", "/v1/logs/search?q=nightly" + hour, "", 200, []string{"export of 1204 orders started", "finished in 13.4 s"}},
	{"GET", "/v1/orders/documents/A-1001", "", 200, []string{`"version":3`, "9007199254740993"}},
	{"POST", "/v1/logs/documents", `[{"@timestamp":"2026-05-17T09:12:00Z","message":"posted through the API"}]`, 202, nil},
	{"GET", "/v1/nothing/search", "", 404, []string{"nothing"}},
	{"GET", "/", "", 200, []string{"<html"}},
}

// api starts `sam local start-api`, makes every request, and stops it.
func (s *sam) api(ctx context.Context, t *tally) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var log bytes.Buffer
	cmd := s.command(ctx, "start-api", "--port", port, "--warm-containers", "LAZY")
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		cancel()
		return err
	}
	defer func() { cancel(); _ = cmd.Wait() }()
	if err := listening(ctx, "127.0.0.1:"+port); err != nil {
		cancel()
		_ = cmd.Wait()
		return fmt.Errorf("%w: %s", err, tail(log.String()))
	}
	for _, r := range requests {
		began := time.Now()
		what, _, _ := strings.Cut(r.path, hour)
		t.note(r.method+" "+what, began, r.make(ctx, "http://127.0.0.1:"+port))
	}
	return nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}

func listening(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		c, err := net.Dial("tcp", address)
		if err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("sam local start-api does not listen: %w", err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (r request) make(ctx context.Context, base string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, base+r.path, strings.NewReader(r.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	return wants(answer.StatusCode, string(body), r.code, r.everything)
}
