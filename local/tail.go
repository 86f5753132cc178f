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
	Source struct {
		Time    string `json:"@timestamp"`
		Service string `json:"service.name"`
		Message string `json:"message"`
	} `json:"source"`
}

// ask asks the search function, through the HTTP API like anybody.
func (p *product) ask(ctx context.Context, path string, q url.Values, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.at.Search+path+"?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", tailAgent)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("search answered %d: %s", res.StatusCode, text)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// found says whether a search finds a document of the last hour.
func (p *product) found(ctx context.Context) (bool, error) {
	var page struct {
		Documents []document `json:"documents"`
	}
	err := p.ask(ctx, "/v1/logs/search", url.Values{"since": {"1h"}, "size": {"1"}}, &page)
	return len(page.Documents) > 0, err
}

// tail prints each new document once, until ctx ends.
func (p *product) tail(ctx context.Context) {
	if p.cfg.Quiet {
		return
	}
	q := url.Values{"since": {"1m"}, "size": {"200"}}
	for ctx.Err() == nil {
		var answer struct {
			Documents []document `json:"documents"`
			Next      string     `json:"next"`
		}
		if err := p.ask(ctx, "/v1/logs/tail", q, &answer); err != nil { // what cannot be asked now is asked again
			select {
			case <-time.After(2 * time.Second):
			case <-ctx.Done():
			}
			continue
		}
		q.Set("cursor", answer.Next)
		for _, d := range answer.Documents {
			fmt.Printf("%s  %-14s %s\n", d.Source.Time, d.Source.Service, clip(d.Source.Message, 160))
		}
	}
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
