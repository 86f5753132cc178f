package chaos

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// crowd is another's load on the same node: more writes at once than its queue takes.
func crowd(b blow) error {
	if _, err := b.admin(http.MethodPut, "/neighbour", `{"settings":{"number_of_replicas":0}}`, http.StatusBadRequest); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(b.Context())
	b.crowding = cancel
	line := `{"index":{}}` + "\n" + `{"text":"` + strings.Repeat("some words of a neighbour ", 20) + `"}` + "\n"
	for range 40 {
		b.neighbours.Go(func() {
			for ctx.Err() == nil {
				if _, _, err := b.call(http.MethodPost, "/neighbour/_bulk", strings.Repeat(line, 100)); err != nil {
					time.Sleep(100 * time.Millisecond)
				}
			}
		})
	}
	return nil
}

func uncrowd(s *stage) error {
	s.crowding()
	s.neighbours.Wait()
	_, err := s.admin(http.MethodDelete, "/neighbour", "", http.StatusNotFound)
	return err
}

// stopNode is a long garbage collection.
func stopNode(b blow) error {
	b.met()
	return syscall.Kill(-b.node.Pid(), syscall.SIGSTOP)
}

func contNode(s *stage) error { return syscall.Kill(-s.node.Pid(), syscall.SIGCONT) }

func killNode(b blow) error {
	b.node.Kill()
	b.met()
	return nil
}

func restartNode(s *stage) error { return s.node.Restart(s.Context()) }

func killManager(b blow) error {
	b.manager.Kill()
	b.met()
	return nil
}

func restartManager(s *stage) error { return s.manager.Restart(s.Context()) }

func block(b blow) error     { return b.readOnly("true") }
func unblock(s *stage) error { return s.readOnly("null") }

func (s *stage) readOnly(on string) error {
	_, err := s.admin(http.MethodPut, "/access-*,events-*,metrics-*,account-*,draft-*/_settings?expand_wildcards=open", `{"index.blocks.read_only_allow_delete":`+on+`}`)
	return err
}

func deleteTemplates(b blow) error {
	for _, name := range []string{"access", "events", "metrics", "account", "draft"} { // a data stream keeps its template
		if _, err := b.admin(http.MethodDelete, "/_index_template/sluice-"+name, "", http.StatusNotFound); err != nil {
			return err
		}
	}
	b.met()
	return nil
}

// deleteIndex deletes a collection's indices. What was sent before may have been in
// them, and is sent again.
func deleteIndex(b blow) error {
	if _, err := b.admin(http.MethodDelete, "/draft-*?expand_wildcards=open", "", http.StatusNotFound); err != nil {
		return err
	}
	b.mu.Lock()
	sent := b.drafts
	b.mu.Unlock()
	out := outbox{stage: b.stage}
	for m := range sent {
		text, _ := b.events("draft", m)
		out.add(b.Context(), "draft", "", text)
	}
	out.flush(b.Context())
	if sent > 0 {
		b.met()
	}
	return nil
}

// admin calls OpenSearch past the proxy until it answers with a status of want.
func (s *stage) admin(method, path, body string, want ...int) ([]byte, error) {
	var last error
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end) && s.Context().Err() == nil; time.Sleep(200 * time.Millisecond) {
		status, text, err := s.call(method, path, body)
		for _, ok := range append(want, http.StatusOK) {
			if err == nil && status == ok {
				return text, nil
			}
		}
		last = fmt.Errorf("%s %s: %d %.300s: %w", method, path, status, text, err)
	}
	return nil, last
}

func (s *stage) call(method, path, body string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(s.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.node.URL+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, err
}
