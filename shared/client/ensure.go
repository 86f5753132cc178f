package client

import (
	"context"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// Ensure makes sure that documents can be written to t: that its index or data stream
// stands, made with the collection's own settings and mapping, behind its alias. Any
// number of environments may do it at once. What was found in order is remembered
// until Forget. A fault Conflict says that something else stands there.
func (c *Client) Ensure(ctx context.Context, t rotation.Target, tpl rotation.Template) error {
	if _, known := c.ensured.Load(t); known {
		return nil
	}
	const rounds = 5 // others work on the same at the same time
	for range rounds {
		state, err := c.around(ctx, t, tpl)
		if err != nil {
			return err
		}
		plan := rotation.Confirm(t, tpl, state)
		for _, s := range plan.Skipped {
			return fault.New(fault.Conflict, s.Index+" "+s.Why)
		}
		if len(plan.Steps) == 0 {
			c.ensured.Store(t, true)
			return nil
		}
		for _, step := range plan.Steps {
			if err := c.apply(ctx, step, tpl); err != nil {
				return err
			}
		}
	}
	return fault.New(fault.Unavailable, "the index "+t.Index+t.Name+" is being changed by others: try again")
}

// Forget makes the next Ensure look again: an item was answered index_not_found.
func (c *Client) Forget(t rotation.Target) { c.ensured.Delete(t) }

// around reads the little of the state that Confirm asks for.
func (c *Client) around(ctx context.Context, t rotation.Target, tpl rotation.Template) (s rotation.State, err error) {
	if s.Template, err = c.templateVersion(ctx, tpl.Name); err != nil {
		return s, err
	}
	if !t.Alias {
		s.Stream, err = c.stream(ctx, t.Name)
		return s, err
	}
	s.Indices, err = c.look(ctx, t.Name, t.Name+"-*", t.Index)
	return s, err
}
