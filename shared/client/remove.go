package client

import (
	"context"
	"net/http"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// remove deletes the index that was meant. What bears its name is looked at just before
// each time that the delete is sent: after an answer that was lost it may be a new index.
func (c *Client) remove(ctx context.Context, step rotation.Step, tpl rotation.Template) error {
	const tries = 3
	var failed error
	for range tries {
		gone, err := c.removable(ctx, step, tpl)
		if err != nil || gone {
			return err
		}
		_, failed = c.Do(ctx, Call{Operation: "index.delete", Method: http.MethodDelete, Path: []string{step.Index}, Accept: []int{http.StatusNotFound}})
		if FailureType(failed) == "snapshot_in_progress_exception" {
			return &Later{"a snapshot of it is being taken"}
		}
		if failed == nil || !fault.KindOf(failed).Temporary() {
			return failed
		}
	}
	return failed
}

// removable says whether the index is gone already. The error says why it must stay: an
// alias is never followed, and nothing is deleted for its name alone.
func (c *Client) removable(ctx context.Context, step rotation.Step, tpl rotation.Template) (gone bool, err error) {
	listed, err := c.look(ctx, step.Index)
	if err != nil || len(listed) == 0 {
		return err == nil, err
	}
	index := named(listed, step.Index)
	switch {
	case index == nil:
		return false, &Later{step.Index + " is an alias now, not an index"}
	case index.UUID != step.UUID || index.Marker.Collection != tpl.Collection:
		return false, &Later{step.Index + " is not the index any more that the plan was made for"}
	case index.Written() != "":
		return false, &Later{step.Index + " is written to now"}
	case index.ISM != "":
		return false, &Later{step.Index + " is managed by the ISM policy " + index.ISM + " now"}
	}
	return false, nil
}
