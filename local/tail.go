package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

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
	req.Header.Set("Authorization", "Bearer e30.e30.") // no claims, where UNSIGNED_TOKENS demands some
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
