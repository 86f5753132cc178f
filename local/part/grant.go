package part

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Role is what a user may do, in the security plugin's own action names and groups.
type Role struct {
	Cluster []string // as cluster_composite_ops
	Indices []string // patterns
	Actions []string // on these indices, as crud or indices:data/read/*
}

// Grant makes a user and one role of the same name that only this user has. The plugin
// refuses a weak password.
func (n *OpenSearch) Grant(ctx context.Context, user Login, may Role) error {
	for _, step := range []struct {
		kind string
		body any
	}{
		{"roles", map[string]any{
			"cluster_permissions": append([]string{}, may.Cluster...),
			"index_permissions":   []any{map[string]any{"index_patterns": append([]string{}, may.Indices...), "allowed_actions": append([]string{}, may.Actions...)}},
		}},
		{"internalusers", map[string]any{"password": user.Password}},
		{"rolesmapping", map[string]any{"users": []string{user.Name}}},
	} {
		if err := n.put(ctx, step.kind+"/"+user.Name, step.body); err != nil {
			return fmt.Errorf("granting to %s: %w", user.Name, err)
		}
	}
	return nil
}

func (n *OpenSearch) put(ctx context.Context, what string, body any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	status, reply, err := send(ctx, http.MethodPut, n.URL+"/_plugins/_security/api/"+what, bytes.NewReader(content), n.Admin)
	if err == nil && status >= 300 {
		err = fmt.Errorf("%s: status %d: %s", what, status, reply)
	}
	return err
}
