package client

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// State reads what w asks for, in a handful of calls however many indices there are.
// What could forbid a delete and cannot be read is no error, but a Hold: the rest of
// the plan goes on.
func (c *Client) State(ctx context.Context, w rotation.Watch) (rotation.State, error) {
	var s rotation.State
	var err error
	if s.Template, err = c.templateVersion(ctx, w.Template); err != nil {
		return s, err
	}
	if w.Stream {
		if s.Stream, err = c.stream(ctx, w.Name); err != nil {
			return s, err
		}
	}
	if s.Indices, err = c.look(ctx, w.Patterns...); err != nil || len(s.Indices) == 0 {
		return s, err
	}
	slices.SortFunc(s.Indices, func(a, b rotation.Index) int { return strings.Compare(a.Name, b.Name) })
	wildcard := w.Patterns[len(w.Patterns)-1]
	names := findable(wildcard, s.Indices)
	if err := c.weigh(ctx, names, s.Indices); err != nil {
		return s, err
	}
	open := findable(wildcard, s.Indices)     // weigh has found the closed ones
	if w.Segments && c.cfg.Auth != AuthAOSS { // Serverless merges by itself
		if err := c.countSegments(ctx, open, s.Indices); err != nil {
			return s, err
		}
	}
	if w.Writes && c.cfg.Auth != AuthAOSS {
		if err := c.countWrites(ctx, open, s.Indices); err != nil {
			s.Hold = "whether it was written to lately cannot be learnt: " + fault.Message(err)
		}
	}
	if w.Deletes {
		if err := c.oldestDeletes(ctx, open, s.Indices); err != nil {
			s.Unpurged = "which deletes have been remembered for long enough cannot be learnt: " + fault.Message(err)
		}
	}
	s.Read = c.now()
	if err := c.askISM(ctx, names, s.Indices); err != nil {
		s.Hold = "whether ISM manages it cannot be learnt: " + fault.Message(err)
	}
	if s.Snapshots, err = c.snapshots(ctx, w.Repository); err != nil {
		s.Hold = "the snapshot repository " + w.Repository + " cannot be read: " + fault.Message(err)
	}
	return s, nil
}

// findable is the wildcard, and by name what it does not find: not every question can be
// asked to expand it to hidden indices. A closed one is an error where it is named.
func findable(wildcard string, indices []rotation.Index) string {
	names := []string{wildcard}
	for _, index := range indices {
		if index.Hidden && !index.Closed && !strings.HasPrefix(wildcard, ".") { // dots find what begins with one
			names = append(names, index.Name)
		}
	}
	return strings.Join(names, ",")
}

// weigh fills in the documents, the bytes and which are closed.
func (c *Client) weigh(ctx context.Context, names string, indices []rotation.Index) error {
	var rows []struct {
		Index, Status string
		Docs          string `json:"docs.count"`
		Bytes         string `json:"pri.store.size"`
	}
	if err := c.cat(ctx, "indices", names, "index,status,docs.count,pri.store.size", &rows); err != nil {
		return err
	}
	for _, row := range rows {
		if index := named(indices, row.Index); index != nil {
			index.Docs, _ = strconv.ParseInt(row.Docs, 10, 64)
			index.Bytes, _ = strconv.ParseInt(row.Bytes, 10, 64)
			index.Closed = row.Status == "close"
		}
	}
	return nil
}

// countSegments fills in the most segments that a shard has, and which force-merges run.
func (c *Client) countSegments(ctx context.Context, names string, indices []rotation.Index) error {
	type copy struct{ Index, Shard, Prirep, ID string }
	var rows []copy
	if err := c.cat(ctx, "segments", names, "index,shard,prirep,id", &rows); err != nil {
		return err
	}
	count := map[copy]int{}
	for _, row := range rows {
		count[row]++
		if index := named(indices, row.Index); index != nil {
			index.Segments = max(index.Segments, count[row])
		}
	}
	var tasks struct {
		Nodes map[string]struct {
			Tasks map[string]struct{ Description string }
		}
	}
	if err := c.ask(ctx, Call{Operation: "tasks", Path: []string{"_tasks"}, Query: query("actions", "indices:admin/forcemerge", "detailed", "true")}, &tasks); err != nil {
		return err
	}
	for _, node := range tasks.Nodes {
		for _, task := range node.Tasks {
			markMerging(task.Description, indices)
		}
	}
	return nil
}

// countWrites fills in how many writes the primaries have had: a number that only grows.
func (c *Client) countWrites(ctx context.Context, names string, indices []rotation.Index) error {
	var stats struct {
		Indices map[string]struct {
			Shards map[string][]struct {
				Routing struct{ Primary bool }
				Seq     struct {
					Max int64 `json:"max_seq_no"`
				} `json:"seq_no"`
			}
		}
	}
	err := c.ask(ctx, Call{Operation: "stats", Path: []string{names, "_stats", "docs"}, Query: query("level", "shards",
		"filter_path", "indices.*.shards.*.routing.primary,indices.*.shards.*.seq_no.max_seq_no")}, &stats)
	for name, one := range stats.Indices {
		index := named(indices, name)
		for _, shard := range one.Shards {
			for _, copy := range shard {
				if index != nil && copy.Routing.Primary {
					index.Writes += copy.Seq.Max + 1
				}
			}
		}
	}
	if fault.KindOf(err) == fault.NotFound { // no index is open
		return nil
	}
	return err
}

// markMerging reads "Force-merge indices [a, b], maxSegments[1], ...".
func markMerging(description string, indices []rotation.Index) {
	_, list, _ := strings.Cut(description, "[")
	list, _, _ = strings.Cut(list, "]")
	for name := range strings.SplitSeq(list, ",") {
		if index := named(indices, strings.TrimSpace(name)); index != nil {
			index.Merging = true
		}
	}
}

// snapshots lists the repository's; none for no repository.
func (c *Client) snapshots(ctx context.Context, repository string) ([]rotation.Snapshot, error) {
	if repository == "" {
		return nil, nil
	}
	var list struct {
		Snapshots []struct {
			Snapshot, State string
			Start           int64 `json:"start_time_in_millis"`
			Indices         []string
		}
	}
	err := c.ask(ctx, Call{Operation: "snapshot.get", Path: []string{"_snapshot", repository, "_all"}, Query: query("ignore_unavailable", "true",
		"filter_path", "snapshots.snapshot,snapshots.state,snapshots.indices,snapshots.start_time_in_millis")}, &list)
	var out []rotation.Snapshot
	for _, s := range list.Snapshots {
		out = append(out, rotation.Snapshot{Name: s.Snapshot, State: s.State, Start: time.UnixMilli(s.Start), Indices: s.Indices})
	}
	return out, err
}

func (c *Client) cat(ctx context.Context, what, names, columns string, into any) error {
	return c.ask(ctx, Call{Operation: "cat." + what, Path: []string{"_cat", what, names},
		Query: query("format", "json", "bytes", "b", "h", columns)}, into)
}

func (c *Client) ask(ctx context.Context, call Call, into any) error {
	call.Method = http.MethodGet
	reply, err := c.Do(ctx, call)
	if err != nil {
		return err
	}
	return decode(reply, into)
}

func named(indices []rotation.Index, name string) *rotation.Index {
	if i := slices.IndexFunc(indices, func(i rotation.Index) bool { return i.Name == name }); i >= 0 {
		return &indices[i]
	}
	return nil
}
