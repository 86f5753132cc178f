package collection

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/sluice-dev/sluice/shared/rotation"
)

// mapping is what the fields say to the index template. Dotted names are written as
// objects in objects, as OpenSearch gives them back; equal fields make equal bytes.
func (c *Collection) mapping() (rotation.Mapping, error) {
	m := rotation.Mapping{Dynamic: c.Dynamic, Entities: !c.AppendOnly}
	if c.Time != nil {
		m.Time = c.Time.Field
	}
	root := map[string]any{}
	if m.Entities {
		root[rotation.Deleted] = map[string]any{"type": "date"}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
		place(root, strings.Split(name, "."), c.Fields[name])
	}
	var err error
	m.Properties, err = json.Marshal(root)
	return m, err
}

// place puts a field under its parents, which sort before it and are objects.
func place(properties map[string]any, parts []string, field Field) {
	for ; len(parts) > 1; parts = parts[1:] {
		parent, ok := properties[parts[0]].(map[string]any)
		if !ok {
			parent = map[string]any{}
			properties[parts[0]] = parent
		}
		inner, ok := parent["properties"].(map[string]any)
		if !ok {
			inner = map[string]any{}
			parent["properties"] = inner
		}
		properties = inner
	}
	one := map[string]any{"type": field.Type}
	if field.Format != "" {
		one["format"] = field.Format
	}
	maps.Copy(one, field.Mapping)
	properties[parts[0]] = one
}
