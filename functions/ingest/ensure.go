package main

import (
	"context"
	"net/http"
	"sync"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// maker makes templates and indices.
type maker struct {
	client *client.Client
	made   sync.Map
}

func (m *maker) Forget(t rotation.Target) { m.made.Delete(t) }

func (m *maker) Ensure(ctx context.Context, t rotation.Target, tpl rotation.Template) error {
	if _, ok := m.made.Load(t); ok {
		return nil
	}
	_, err := m.client.Do(ctx, client.Call{Operation: "template", Method: http.MethodPut, Path: []string{"_index_template", tpl.Name}, Body: tpl.Body, Idempotent: true})
	if err != nil {
		return err
	}
	if t.Index != "" {
		_, err = m.client.Do(ctx, client.Call{Operation: "index.create", Method: http.MethodPut, Path: []string{t.Index}, Idempotent: true,
			Body: []byte(`{"aliases":{"` + t.Name + `":{"is_write_index":true}}}`), Accept: []int{400}})
		if err != nil {
			return err
		}
	}
	m.made.Store(t, true)
	return nil
}
