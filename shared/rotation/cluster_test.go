package rotation

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// cluster does the steps of plans in memory, as OpenSearch would.
type cluster struct {
	t     *testing.T
	tpl   Template
	now   time.Time
	state State
}

func (c *cluster) clone() *cluster {
	next := *c
	next.state.Indices = slices.Clone(c.state.Indices)
	for i, index := range next.state.Indices {
		next.state.Indices[i].Aliases = maps.Clone(index.Aliases)
	}
	return &next
}

func (c *cluster) find(name string) *Index {
	for i := range c.state.Indices {
		if c.state.Indices[i].Name == name {
			return &c.state.Indices[i]
		}
	}
	return nil
}

func (c *cluster) create(name string, aliases map[string]bool) {
	if c.find(name) == nil {
		c.state.Indices = append(c.state.Indices, Index{Name: name, UUID: "new-" + name, Created: c.now, Aliases: aliases,
			Marker: Marker{Collection: c.tpl.Collection, Template: c.tpl.Version}, Replicas: 1, Refresh: "10s", Segments: 1})
	}
}

func (c *cluster) apply(step Step) {
	index := c.find(step.Index)
	switch step.Action {
	case PutTemplate:
		c.state.Template = c.tpl.Version
	case Create:
		c.create(step.Index, map[string]bool{step.Target.Name: true})
		if c.tpl.Tombstones {
			index = c.find(step.Index)
			index.MapsDeleted, index.Filtered = true, []string{step.Target.Name}
		}
	case CreateStream:
		c.create(generation(".ds-"+step.Index, 1), map[string]bool{})
		c.state.Stream = &Stream{Write: generation(".ds-"+step.Index, 1)}
	case SetAliases:
		c.aliases(step.Body)
	case Roll:
		c.create(step.Index, map[string]bool{})
		c.aliases(step.Body)
	case RollStream:
		n, _ := number(".ds-"+step.Index, step.From)
		c.create(generation(".ds-"+step.Index, n+1), map[string]bool{})
		c.state.Stream = &Stream{Write: generation(".ds-"+step.Index, n+1)}
	case Update:
		index.Marker.Template = c.tpl.Version
	case Observe:
		var body struct {
			Meta map[string]Marker `json:"_meta"`
		}
		if err := json.Unmarshal(step.Mapping, &body); err != nil {
			c.t.Fatal(err)
		}
		index.Marker = body.Meta["sluice"]
	case Settle:
		var body struct {
			Index struct {
				Replicas *int   `json:"number_of_replicas"`
				Refresh  string `json:"refresh_interval"`
			}
		}
		if err := json.Unmarshal(step.Body, &body); err != nil {
			c.t.Fatal(err)
		}
		if body.Index.Replicas != nil {
			index.Replicas = *body.Index.Replicas
		}
		if body.Index.Refresh != "" {
			index.Refresh = body.Index.Refresh
		}
	case ForceMerge:
		index.Segments = step.Segments
	case MapDeletes:
		index.MapsDeleted = true
	case Purge:
		index.OldestDelete = time.Time{}
	case Delete:
		c.delete(step)
	}
}

// aliases refuses what OpenSearch refuses: two write indices behind one alias.
func (c *cluster) aliases(body []byte) {
	var update struct {
		Actions []struct {
			Add struct {
				Index, Alias string
				Write        bool `json:"is_write_index"`
				Filter       json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(body, &update); err != nil {
		c.t.Fatal(err)
	}
	for _, a := range update.Actions {
		index := c.find(a.Add.Index)
		index.Aliases[a.Add.Alias] = a.Add.Write
		index.Filtered = slices.DeleteFunc(slices.Clone(index.Filtered), func(alias string) bool { return alias == a.Add.Alias })
		if a.Add.Filter != nil {
			index.Filtered = append(index.Filtered, a.Add.Alias)
		}
	}
	for _, a := range update.Actions {
		if n := len(slices.DeleteFunc(c.state.aliased(a.Add.Alias), func(i Index) bool { return !i.Aliases[a.Add.Alias] })); n > 1 {
			c.t.Errorf("%d write indices behind %s: %s", n, a.Add.Alias, body)
		}
	}
}

// delete fails on what must never be deleted.
func (c *cluster) delete(step Step) {
	index := c.find(step.Index)
	switch {
	case index == nil:
		c.t.Fatalf("%s is deleted, and does not exist", step.Index)
	case index.UUID != step.UUID, index.Marker.Collection != c.tpl.Collection, index.ISM != "", index.Written() != "",
		strings.HasSuffix(step.Index, "copy"), c.state.Stream != nil && c.state.Stream.Write == step.Index:
		c.t.Errorf("%+v is deleted", *index)
	}
	c.state.Indices = slices.DeleteFunc(c.state.Indices, func(i Index) bool { return i.Name == step.Index })
}

// summary is what two clusters are compared by.
func (c *cluster) summary() map[string]Index {
	out := map[string]Index{}
	for _, index := range c.state.Indices {
		index.UUID, index.Created = "", time.Time{}
		out[index.Name] = index
	}
	return out
}
