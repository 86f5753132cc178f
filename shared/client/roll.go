package client

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// roll moves the write alias to the next generation, which the step names: however
// often it is sent, there is no second one. After any answer but a plain yes the alias
// is read before anything else is sent.
func (c *Client) roll(ctx context.Context, step rotation.Step, tpl rotation.Template) error {
	const tries = 2
	var failed error
	for range tries {
		done, err := c.rolled(ctx, step, tpl)
		if err != nil || done {
			return err
		}
		if failed != nil && !fault.KindOf(failed).Temporary() {
			break
		}
		if failed = c.rollOnce(ctx, step, tpl); failed == nil {
			return nil
		}
	}
	if done, err := c.rolled(ctx, step, tpl); err != nil || done {
		return err
	}
	return failed
}

// rolled says whether the alias is written through the next generation. One that was
// made, but did not get the alias, gets it here.
func (c *Client) rolled(ctx context.Context, step rotation.Step, tpl rotation.Template) (bool, error) {
	indices, err := c.look(ctx, step.Alias, step.From, step.Index)
	if err != nil {
		return false, err
	}
	from, next := named(indices, step.From), named(indices, step.Index)
	switch {
	case next != nil && next.Marker.Collection != tpl.Collection:
		return false, &Later{step.Index + " was made by somebody else meanwhile"}
	case next != nil && next.Aliases[step.Alias]:
		return true, nil
	case from == nil || !from.Aliases[step.Alias]:
		return false, &Later{step.From + " is not what " + step.Alias + " is written through any more"}
	case next != nil:
		return true, c.setAliases(ctx, step)
	}
	return false, nil
}

// rollOnce sends the rollover. Serverless has no such call: there it is a create,
// and the alias moves when rolled finds the index without it.
func (c *Client) rollOnce(ctx context.Context, step rotation.Step, tpl rotation.Template) error {
	if c.cfg.Auth != AuthAOSS {
		_, err := c.Do(ctx, Call{Operation: "rollover", Method: http.MethodPost, Index: step.Index,
			Path: []string{step.Alias, "_rollover", step.Index}, Body: tpl.Create})
		return err
	}
	if err := existing(c.put(ctx, "index.create", tpl.Create, step.Index)); err != nil {
		return err
	}
	_, err := c.rolled(ctx, step, tpl)
	return err
}

// rollStream rolls a data stream, whose generations OpenSearch names. The conditions
// go with it, so that a repetition finds a new, empty generation and does nothing.
func (c *Client) rollStream(ctx context.Context, step rotation.Step) error {
	reply, err := c.Do(ctx, Call{Operation: "rollover", Method: http.MethodPost, Path: []string{step.Index, "_rollover"}, Body: step.Body})
	if err == nil {
		var answer struct {
			Rolled bool `json:"rolled_over"`
		}
		if err = json.Unmarshal(reply.Body, &answer); err == nil && !answer.Rolled {
			return &Later{"OpenSearch finds no condition reached"}
		}
	}
	if err == nil {
		return nil
	}
	if s, _ := c.stream(ctx, step.Index); s != nil && s.Write != step.From {
		return nil
	}
	return err
}
