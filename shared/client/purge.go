package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// oldestDeletes fills in when the oldest tombstone of each index was written.
func (c *Client) oldestDeletes(ctx context.Context, names string, indices []rotation.Index) error {
	var found struct {
		Aggregations struct {
			Indices struct {
				Buckets []struct {
					Key    string
					Oldest struct{ Value *float64 }
				}
			}
		}
	}
	err := c.deletes(ctx, Call{Path: []string{names, "_search"},
		Query: query("ignore_unavailable", "true", "filter_path", "aggregations"),
		Body: fmt.Appendf(nil, `{"size":0,"query":{"exists":{"field":%q}},"aggs":{"indices":{"terms":{"field":"_index","size":10000},`+
			`"aggs":{"oldest":{"min":{"field":%q}}}}}}`, rotation.Deleted, rotation.Deleted)}, &found)
	for _, bucket := range found.Aggregations.Indices.Buckets {
		if index := named(indices, bucket.Key); index != nil && bucket.Oldest.Value != nil {
			index.OldestDelete = time.UnixMilli(int64(*bucket.Oldest.Value)).UTC()
		}
	}
	return err
}

const purgePage = 5000

// purge deletes tombstones. Each is deleted with its own version: one that a newer write
// has replaced meanwhile stays, and the version is not counted up, which would make the
// document's next change look old.
func (c *Client) purge(ctx context.Context, step rotation.Step) error {
	for {
		page, err := c.expired(ctx, step)
		if err != nil || len(page) == 0 {
			return err
		}
		if err := c.forgetDeletes(ctx, step.Index, page); err != nil {
			return err
		}
		if len(page) < purgePage || c.cfg.Auth == AuthAOSS { // Serverless shows later what was deleted now
			return nil
		}
	}
}

func (c *Client) deletes(ctx context.Context, call Call, into any) error {
	call.Operation, call.Method, call.Idempotent = "deletes", http.MethodPost, true
	reply, err := c.Do(ctx, call)
	if err != nil {
		return err
	}
	return decode(reply, into)
}

type versioned struct {
	ID      string `json:"_id"`
	Version int64  `json:"_version"`
}

func (c *Client) expired(ctx context.Context, step rotation.Step) ([]versioned, error) {
	var found struct{ Hits struct{ Hits []versioned } }
	err := c.deletes(ctx, Call{Path: []string{step.Index, "_search"},
		Body: fmt.Appendf(nil, `{"size":%d,"version":true,"_source":false,"sort":["_doc"],"query":{"range":{%q:{"lte":%d,"format":"epoch_millis"}}}}`,
			purgePage, rotation.Deleted, step.Before.UnixMilli())}, &found)
	return found.Hits.Hits, err
}

func (c *Client) forgetDeletes(ctx context.Context, index string, page []versioned) error {
	var body bytes.Buffer
	name, _ := json.Marshal(index)
	for _, one := range page {
		id, _ := json.Marshal(one.ID)
		fmt.Fprintf(&body, `{"delete":{"_index":%s,"_id":%s,"version":%d,"version_type":"external_gte"}}`+"\n", name, id, one.Version)
	}
	// It fails, and keeps the deletes from making an index of that name if it is gone.
	fmt.Fprintf(&body, `{"update":{"_index":%s,"_id":"sluice:guard","require_alias":true}}`+"\n"+`{"doc":{}}`+"\n", name)
	call := Call{Operation: "bulk", Method: http.MethodPost, Path: []string{index, "_bulk"}, Body: body.Bytes(), Idempotent: true}
	if c.cfg.Auth != AuthAOSS {
		call.Query = query("refresh", "true")
	}
	reply, err := c.Do(ctx, call)
	if err != nil {
		return err
	}
	var answer struct {
		Items []struct {
			Delete *struct {
				Status int
				Error  struct{ Type string }
			}
		}
	}
	if err := decode(reply, &answer); err != nil {
		return err
	}
	for _, item := range answer.Items {
		if d := item.Delete; d != nil && d.Status >= 300 && d.Status != http.StatusConflict && (d.Status != http.StatusNotFound || d.Error.Type != "") {
			return fault.New(fault.Unavailable, fmt.Sprintf("a tombstone is not deleted (%d %s)", d.Status, d.Error.Type))
		}
	}
	return nil
}
