package client

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/sluice-dev/sluice/shared/rotation"
)

// askISM fills in which indices an ISM policy manages, where OpenSearch has ISM.
func (c *Client) askISM(ctx context.Context, names string, indices []rotation.Index) error {
	if c.cfg.Auth == AuthAOSS { // Serverless has none
		return nil
	}
	reply, err := c.Do(ctx, Call{Operation: "ism.explain", Method: http.MethodGet,
		Path: []string{"_plugins", "_ism", "explain", names}, Accept: []int{http.StatusBadRequest, http.StatusNotFound}})
	if err != nil {
		return err
	}
	if reply.Status >= 300 {
		return noISM(reply)
	}
	list := map[string]json.RawMessage{}
	if err := decode(reply, &list); err != nil {
		return err
	}
	for name, raw := range list {
		var one struct {
			Setting string `json:"index.plugins.index_state_management.policy_id"`
			Policy  string `json:"policy_id"`
		}
		if index := named(indices, name); index != nil {
			if err := json.Unmarshal(raw, &one); err != nil {
				return err
			}
			index.ISM = either(index.ISM, either(one.Policy, one.Setting))
		}
	}
	return nil
}

// noISM accepts the answers of an OpenSearch that has no ISM, or none that is set up.
func noISM(reply Reply) error {
	f := failureOf(reply)
	if f.Type == "" && len(f.Reason) > 16 && f.Reason[:16] == "no handler found" || f.Type == "index_not_found_exception" {
		return nil
	}
	return statusFault(reply)
}
