package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/golden"
)

// A script is prose, then exchanges: what a client sends (> lines, then the body), what
// OpenSearch is asked (? line and body) and answers (! status and body), what is put on
// the queue (+ lines), and what the client gets (< lines, then the body). A line
// "indices: x, y (closed)" says which indices there are.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/scripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, file, play(t, string(raw)))
		})
	}
}

// play runs a script and gives it back as it happened.
func play(t *testing.T, script string) string {
	var out strings.Builder
	prose, rest, _ := strings.Cut(script, "\n\n>")
	out.WriteString(prose + "\n")
	cluster := &cluster{t: t, indices: listing(prose)}
	front := newTestServer(t, cluster)
	for part := range strings.SplitSeq(rest, "\n\n>") {
		cluster.script(part)
		request := readRequest(t, part)
		w := httptest.NewRecorder()
		front.engine.ServeHTTP(w, request)
		fmt.Fprintf(&out, "\n%s\n%s%s%s", sent(part), cluster.played(), front.queue.drain(), received(w))
	}
	return out.String()
}

// sent is the script's own > lines and the body below them.
func sent(part string) string {
	text := ">" + part
	for _, mark := range []string{"\n?", "\n!", "\n+", "\n<"} {
		text, _, _ = strings.Cut(text, mark)
	}
	return strings.TrimRight(text, "\n")
}

func readRequest(t *testing.T, part string) *http.Request {
	var head, body []string
	for i, line := range strings.Split(sent(part), "\n") {
		if header, ok := strings.CutPrefix(line, "> "); ok && i == len(head) {
			head = append(head, header)
		} else {
			body = append(body, line)
		}
	}
	method, target, _ := strings.Cut(head[0], " ")
	r := httptest.NewRequest(method, target, strings.NewReader(strings.Join(body, "\n")))
	for _, h := range head[1:] {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return r.WithContext(t.Context())
}

func received(w *httptest.ResponseRecorder) string {
	var out strings.Builder
	fmt.Fprintf(&out, "< %d %s\n", w.Code, w.Header().Get("Content-Type"))
	for _, name := range []string{"Allow", "Retry-After", "Location", "Link", "X-Next-Cursor", "X-Export-Complete", "X-Export-Rows", "X-Export-Consistency"} {
		if v := w.Header().Get(name); v != "" {
			fmt.Fprintf(&out, "< %s: %s\n", name, v)
		}
	}
	out.WriteString(strings.ReplaceAll(pretty(w.Body.Bytes()), "\r", "") + "\n")
	return out.String()
}

func pretty(body []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, bytes.TrimSpace(body), "", "  ") != nil {
		return string(body)
	}
	return out.String()
}

// cluster is an OpenSearch that answers what a script says.
type cluster struct {
	t       *testing.T
	indices string
	answers []scripted
	log     strings.Builder
}

type scripted struct {
	status int
	body   string
	said   string // the script's lines
}

func listing(prose string) string {
	rows := []map[string]string{}
	for line := range strings.SplitSeq(prose, "\n") {
		if names, ok := strings.CutPrefix(line, "indices: "); ok {
			for name := range strings.SplitSeq(names, ", ") {
				name, closed := strings.CutSuffix(name, " (closed)")
				rows = append(rows, map[string]string{"index": name, "status": map[bool]string{true: "close", false: "open"}[closed]})
			}
		}
	}
	out, _ := json.Marshal(rows)
	return string(out)
}

func (c *cluster) script(part string) {
	c.answers = nil
	c.log.Reset()
	blocks := strings.Split(part, "\n! ")
	for _, block := range blocks[1:] {
		for _, mark := range []string{"\n?", "\n+", "\n<"} {
			block, _, _ = strings.Cut(block, mark)
		}
		block = strings.TrimRight(block, "\n")
		status, body, _ := strings.Cut(block, "\n")
		a := scripted{body: body, said: "! " + block + "\n"}
		if _, err := fmt.Sscan(status, &a.status); err != nil {
			c.t.Fatalf("%q: %v", block, err)
		}
		c.answers = append(c.answers, a)
	}
}

func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.HasPrefix(r.URL.Path, "/_cat/indices") {
		_, _ = io.WriteString(w, c.indices)
		return
	}
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(&c.log, "? %s %s\n", r.Method, r.URL.RequestURI())
	if len(body) > 0 {
		c.log.WriteString(strings.TrimSpace(string(body)) + "\n")
	}
	if len(c.answers) == 0 {
		c.log.WriteString("! 500\n(the script has no answer)\n")
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	a := c.answers[0]
	c.answers = c.answers[1:]
	c.log.WriteString(a.said)
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (c *cluster) played() string {
	if len(c.answers) > 0 {
		c.t.Errorf("%d answers of the script were not asked for", len(c.answers))
	}
	return c.log.String()
}
