package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// cluster is OpenSearch as far as copies of indices need it. Errors are fault kinds.
type cluster interface {
	Do(context.Context, client.Call) (client.Reply, error)
}

// versions says which version of each document is stored, change.NoVersion where there
// is none. Errors are fault kinds.
type versions interface {
	Versions(ctx context.Context, index string, ids []string) ([]int64, error)
	Generations(ctx context.Context, name string) ([]rotation.Index, error)
}

// copies are empty indices with the mappings of those that documents would go to: the
// one that is written to now, or the one that its template would make. docs/adr/123
// says why nothing less tells the truth without a trace.
type copies struct {
	cluster     cluster
	stored      versions
	writer      writer
	names       map[string]string // target's name to its copy's
	made        []string          // all copies, also those that were made again
	overwritten int               // unversioned documents that would replace a stored one
	now         func() time.Time
}

const (
	copyPrefix = "sluice-preview-"
	copyExpiry = time.Hour
)

// Ensure makes target's copy.
func (c *copies) Ensure(ctx context.Context, target rotation.Target, template rotation.Template) error {
	if c.names[target.Name] != "" {
		return nil
	}
	if len(c.names) == 0 {
		if err := c.sweep(ctx); err != nil {
			return err
		}
	}
	definition, err := c.definition(ctx, target, template)
	if err != nil {
		return err
	}
	name := copyPrefix + strings.ToLower(rand.Text())
	c.names[target.Name], c.made = name, append(c.made, name) // before it is made: a lost answer leaves nothing behind
	_, err = c.cluster.Do(ctx, client.Call{Operation: "preview.create", Method: http.MethodPut, Path: []string{name}, Body: definition})
	return err
}

// Forget has the copy made again: it is gone, or its index was never there.
func (c *copies) Forget(target rotation.Target) { delete(c.names, target.Name) }

// sweep deletes what a preview that was killed has left.
func (c *copies) sweep(ctx context.Context) error {
	left, err := c.stored.Generations(ctx, copyPrefix+"*")
	if err != nil {
		return err
	}
	for _, index := range left {
		if strings.HasPrefix(index.Name, copyPrefix) && c.now().Sub(index.Created) > copyExpiry {
			if err := c.drop(ctx, index.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *copies) drop(ctx context.Context, name string) error {
	_, err := c.cluster.Do(ctx, client.Call{Operation: "preview.delete", Method: http.MethodDelete, Path: []string{name},
		Idempotent: true, Accept: []int{http.StatusNotFound}})
	return err
}

func (c *copies) remove(ctx context.Context, log *slog.Logger) {
	for _, name := range c.made {
		if err := c.drop(ctx, name); err != nil {
			log.ErrorContext(ctx, "preview index not deleted: the next preview after an hour will", "index", name, "error", err)
		}
	}
}

func (c *copies) Window() float64 { return c.writer.Window() }

// Write writes to the copies, and tells what is stored already from what is new.
func (c *copies) Write(ctx context.Context, items []bulk.Item) ([]bulk.Verdict, bulk.Stats) {
	moved := slices.Clone(items)
	for i := range moved {
		moved[i].Target = rotation.Target{Name: c.names[items[i].Target.Name]}
	}
	verdicts, stats := c.writer.Write(ctx, moved)
	byName := map[string][]int{}
	for i, v := range verdicts {
		if v.Outcome == bulk.Stored || v.Outcome == bulk.Gone {
			byName[items[i].Target.Name] = append(byName[items[i].Target.Name], i)
		}
	}
	for name, positions := range byName {
		c.compare(ctx, name, items, positions, verdicts)
	}
	return verdicts, stats
}

// compare judges by what is stored. An alias of several indices cannot be asked; what
// is in their earlier ones has been left out before.
func (c *copies) compare(ctx context.Context, name string, items []bulk.Item, positions []int, verdicts []bulk.Verdict) {
	ids := make([]string, len(positions))
	for n, i := range positions {
		ids[n] = items[i].ID
	}
	known, err := c.stored.Versions(ctx, name, ids)
	if err != nil {
		return
	}
	for n, i := range positions {
		found := known[n] != change.NoVersion
		switch {
		case items[i].Op == change.Delete && found && replaces(items[i].Change, stored{version: known[n]}):
			verdicts[i].Outcome = bulk.Gone
		case !found:
		case items[i].Op == change.Create:
			verdicts[i].Outcome = bulk.Duplicate
		case items[i].Version == change.NoVersion:
			c.overwritten++
		case !replaces(items[i].Change, stored{version: known[n]}):
			verdicts[i].Outcome = bulk.Stale
		}
	}
}
