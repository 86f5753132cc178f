package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// Later is the error of a step that OpenSearch does not allow just now, such as the
// delete of an index that a snapshot is reading: the next run tries it again.
type Later struct{ Why string }

func (l *Later) Error() string { return l.Why }

// Apply does one step. A step that is already done, here or by another run, is done.
func (c *Client) Apply(ctx context.Context, step rotation.Step, tpl rotation.Template) error {
	err := c.apply(ctx, step, tpl)
	if FailureType(err) == "index_not_found_exception" {
		return &Later{step.Index + " is gone, by another's doing"}
	}
	return err
}

func (c *Client) apply(ctx context.Context, step rotation.Step, tpl rotation.Template) error {
	switch step.Action {
	case rotation.PutTemplate:
		return c.put(ctx, "template.put", tpl.Body, "_index_template", tpl.Name)
	case rotation.Create:
		return c.create(ctx, step.Target, tpl)
	case rotation.CreateStream:
		return existing(c.put(ctx, "datastream.create", nil, "_data_stream", step.Index))
	case rotation.SetAliases:
		return c.setAliases(ctx, step)
	case rotation.Roll:
		return c.roll(ctx, step, tpl)
	case rotation.RollStream:
		return c.rollStream(ctx, step)
	case rotation.Update:
		if err := c.put(ctx, "settings.put", step.Body, step.Index, "_settings"); err != nil {
			return err
		}
		return c.put(ctx, "mapping.put", step.Mapping, step.Index, "_mapping") // last: it holds the marker
	case rotation.Observe, rotation.MapDeletes:
		return c.put(ctx, "mapping.put", step.Mapping, step.Index, "_mapping")
	case rotation.Settle:
		return c.put(ctx, "settings.put", step.Body, step.Index, "_settings")
	case rotation.ForceMerge:
		return c.forceMerge(ctx, step)
	case rotation.Purge:
		return c.purge(ctx, step)
	case rotation.Delete:
		return c.remove(ctx, step, tpl)
	}
	return fault.New(fault.Internal, "there is no way to do "+string(step.Action))
}

// put sends what has the same effect however often it arrives.
func (c *Client) put(ctx context.Context, operation string, body []byte, path ...string) error {
	_, err := c.Do(ctx, Call{Operation: operation, Method: http.MethodPut, Path: path, Body: body, Idempotent: true})
	return err
}

// existing forgives what has been made meanwhile.
func existing(err error) error {
	if FailureType(err) == "resource_already_exists_exception" {
		return nil
	}
	return err
}

// create makes the target's index with the collection's own settings and mapping and
// with its alias, in one atomic step.
func (c *Client) create(ctx context.Context, t rotation.Target, tpl rotation.Template) error {
	body := map[string]json.RawMessage{}
	if err := json.Unmarshal(tpl.Create, &body); err != nil {
		return fault.Wrap(fault.Internal, "the template of "+tpl.Collection+" is not JSON", err)
	}
	one := map[string]any{"is_write_index": true}
	if tpl.Tombstones {
		one["filter"] = json.RawMessage(rotation.Living)
	}
	alias, err := json.Marshal(map[string]any{t.Name: one})
	if err != nil {
		return fault.Wrap(fault.Internal, "the alias cannot be written", err)
	}
	body["aliases"] = alias
	whole, err := json.Marshal(body)
	if err != nil {
		return fault.Wrap(fault.Internal, "the index cannot be written", err)
	}
	return existing(c.put(ctx, "index.create", whole, t.Index))
}

func (c *Client) setAliases(ctx context.Context, step rotation.Step) error {
	_, err := c.Do(ctx, Call{Operation: "aliases.update", Method: http.MethodPost, Path: []string{"_aliases"},
		Index: step.Index, Body: step.Body, Idempotent: true})
	return err
}

// forceMerge starts a merge. It is not sent again after an unknown outcome: the next
// run sees whether it runs.
func (c *Client) forceMerge(ctx context.Context, step rotation.Step) error {
	_, err := c.Do(ctx, Call{Operation: "forcemerge", Method: http.MethodPost, Path: []string{step.Index, "_forcemerge"},
		Query: query("wait_for_completion", "false", "max_num_segments", strconv.Itoa(step.Segments))})
	return err
}

func query(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}
