package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/local/feed"
)

// announce writes endpoints.json and tells a person where everything is.
func (p *product) announce(ctx context.Context) error {
	path, err := endpointsFile()
	if err != nil {
		return err
	}
	if err := p.at.write(path); err != nil {
		return err
	}
	if err := p.firstDocuments(ctx); err != nil {
		return err
	}
	fmt.Printf(`
Sluice is up.
  page        %[1]s/
  search      curl '%[1]s/v1/logs/search?since=15m&size=3'
  send        curl -X POST %[1]s/v1/logs/documents -H 'content-type: application/json' -d '{"message":"hello"}'
  feed        make feed FILE=access.log COLLECTION=logs
  rotate      curl -X POST %[3]s -d '{"dry_run":true}'
  OpenSearch  %[2]s
  queues      %[4]s
  all of it   %[5]s     logs  %[6]s
Below: the newest documents, as the search function finds them. Ctrl-C drains and stops everything.

`, p.at.Search, p.at.OpenSearch, p.at.Functions["rotate"], p.at.Queues.Ingest, relative(path), relative(p.home.Data))
	return nil
}

func relative(path string) string {
	if i := strings.LastIndex(path, string(filepath.Separator)+".local"+string(filepath.Separator)); i >= 0 {
		return path[i+1:]
	}
	return path
}

// firstDocuments waits until the first log lines come out of the search function.
func (p *product) firstDocuments(ctx context.Context) error {
	say("Waiting for the first documents to be found")
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		found, err := p.newest(ctx, time.Now().Add(-time.Hour), 1)
		if err == nil && len(found) > 0 {
			return nil
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("no document was found within a minute (%w): see the logs in %s", err, p.home.Data)
		}
	}
}

type document struct {
	ID     string `json:"id"`
	Source struct {
		Time    string `json:"@timestamp"`
		Service string `json:"service.name"`
		Message string `json:"message"`
	} `json:"source"`
}

// newest asks the search function, through the HTTP API like anybody.
func (p *product) newest(ctx context.Context, from time.Time, size int) ([]document, error) {
	q := url.Values{"from": {from.UTC().Format(time.RFC3339)}, "sort": {"@timestamp:asc"}, "size": {fmt.Sprint(size)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.at.Search+"/v1/logs/search?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", tailAgent)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("search answered %d: %s", res.StatusCode, text)
	}
	if err != nil {
		return nil, err
	}
	var page struct {
		Documents []document `json:"documents"`
	}
	return page.Documents, json.Unmarshal(text, &page)
}

// tail prints each new document once, until ctx ends.
func (p *product) tail(ctx context.Context) {
	if p.cfg.Quiet {
		return
	}
	const overlap = time.Minute // a document can be found later than a newer one
	seen, from := map[string]time.Time{}, time.Now().Add(-overlap)
	for ctx.Err() == nil {
		found, _ := p.newest(ctx, from, 200) // what cannot be asked now is asked again
		for _, d := range found {
			if _, old := seen[d.ID]; !old {
				seen[d.ID] = time.Now()
				fmt.Printf("%s  %-14s %s\n", d.Source.Time, d.Source.Service, clip(d.Source.Message, 160))
			}
		}
		from = time.Now().Add(-overlap)
		for id, at := range seen {
			if time.Since(at) > 3*overlap {
				delete(seen, id)
			}
		}
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
		}
	}
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

const tailAgent = "sluice-tail"

// accessLog makes a line of the combined log format of each request, which is fed like
// any other; those of our own tail would only speak of themselves.
type accessLog struct {
	next http.Handler
	live *feed.Live
}

func (a *accessLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &counted{ResponseWriter: w, status: http.StatusOK}
	a.next.ServeHTTP(c, r)
	if r.UserAgent() != tailAgent {
		a.live.Raw("http", combined(r, c, time.Now()))
	}
}

func combined(r *http.Request, c *counted, now time.Time) string {
	host := r.RemoteAddr
	if i := strings.LastIndexByte(host, ':'); i > 0 {
		host = host[:i]
	}
	return fmt.Sprintf(`%s - - [%s] "%s %s %s" %d %d %q %q`, host, now.Format("02/Jan/2006:15:04:05 -0700"),
		r.Method, r.URL.RequestURI(), r.Proto, c.status, c.bytes, dash(r.Referer()), dash(r.UserAgent()))
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// counted remembers what was answered.
type counted struct {
	http.ResponseWriter
	status, bytes int
}

func (c *counted) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.bytes += n
	return n, err
}
