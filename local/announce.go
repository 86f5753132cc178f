package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"
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

`, p.at.Search, withoutPassword(p.at.OpenSearch), p.at.Functions["rotate"], p.at.Queues.Ingest, relative(path), relative(p.home.Data))
	return nil
}

func withoutPassword(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Redacted()
	}
	return address
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
		found, err := p.found(ctx)
		if found {
			return nil
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("no document was found within a minute (%w): see the logs in %s", err, p.home.Data)
		}
	}
}

const tailAgent = "sluice-tail"
