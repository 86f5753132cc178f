// Package bulktest is a _bulk endpoint in memory that keeps documents as OpenSearch
// does (create, external versions, deletes, require_alias) and fails on request: whole
// requests before or after they took effect, or single items. For tests alone; it
// refuses to stand for OpenSearch where a real one can: e2e has that.
package bulktest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// Document is what is stored under an id.
type Document struct {
	Version int64
	Body    string
}

// dead says that it is deleted, or a tombstone.
func (d Document) dead() bool { return d.Body == "" || strings.HasPrefix(d.Body, `{"_sluice_deleted"`) }

// Request is one that came in.
type Request struct {
	Body []byte
	IDs  []string
}

// Item is one action of a request.
type Item struct {
	Op, Index, ID string
	Body          string
	version       *int64
	external      bool
	ties          bool
	alias         bool
}

// Fault is an answer in the place of the real one.
type Fault struct {
	Status int
	Reply  string
	Err    error
}

// Cluster answers Bulk. Its fields are set before it is used.
type Cluster struct {
	Before func(n int, body []byte) *Fault      // request n, from 0: nothing is written
	After  func(n int, reply []byte) *Fault     // the same, but it has been written
	Refuse func(Item) (status int, kind string) // an item's error; status 0: none
	Absent func(alias string) bool              // no such alias
	Hook   func(ctx context.Context, n int)     // called first

	mu       sync.Mutex
	docs     map[string]map[string]Document
	requests []Request
}

// Bulk is bulk.Transport.
func (c *Cluster) Bulk(ctx context.Context, body []byte) (int, []byte, error) {
	c.mu.Lock()
	n := len(c.requests)
	items, err := parse(body)
	request := Request{Body: bytes.Clone(body)}
	for _, item := range items {
		request.IDs = append(request.IDs, item.ID)
	}
	c.requests = append(c.requests, request)
	c.mu.Unlock()
	if c.Hook != nil {
		c.Hook(ctx, n)
	}
	if err := ctx.Err(); err != nil {
		return 0, nil, err
	}
	if err != nil {
		return 400, errorBody("illegal_argument_exception", err.Error()), nil
	}
	if c.Before != nil {
		if f := c.Before(n, body); f != nil {
			return f.Status, []byte(f.Reply), f.Err
		}
	}
	reply := c.apply(items)
	if c.After != nil {
		if f := c.After(n, reply); f != nil {
			return f.Status, []byte(f.Reply), f.Err
		}
	}
	return 200, reply, nil
}

func errorBody(kind, reason string) []byte {
	return fmt.Appendf(nil, `{"error":{"root_cause":[{"type":%q,"reason":%q}],"type":%q,"reason":%q},"status":400}`, kind, reason, kind, reason)
}

func parse(body []byte) (items []Item, err error) {
	lines := bytes.Split(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
	for i := 0; i < len(lines); i++ {
		var action map[string]struct {
			Index   string `json:"_index"`
			ID      string `json:"_id"`
			Version *int64 `json:"version"`
			Type    string `json:"version_type"`
			Alias   bool   `json:"require_alias"`
		}
		if err := json.Unmarshal(lines[i], &action); err != nil || len(action) != 1 {
			return nil, fmt.Errorf("Malformed action/metadata line [%d]", i+1)
		}
		for op, a := range action {
			item := Item{Op: op, Index: a.Index, ID: a.ID, version: a.Version, external: strings.HasPrefix(a.Type, "external"), ties: a.Type == "external_gte", alias: a.Alias}
			if op != "delete" {
				i++
				item.Body = string(lines[i])
			}
			items = append(items, item)
		}
	}
	return items, nil
}
