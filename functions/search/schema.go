package main

import (
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/query"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// schemaOf is what may be searched of a collection: its fields and their sub-fields,
// without the hidden ones.
func schemaOf(c *collection.Collection, keys [][]byte) query.Schema {
	s := query.Schema{
		Collection: c.Name, Fields: map[string]query.Field{}, Hidden: c.Search.Hidden,
		Default: c.Search.Default, Sort: c.Search.Sort, Wildcards: c.Search.Wildcards,
		MaxSize: c.Search.MaxSize, Keys: keys, Rows: c.Rows != nil,
	}
	if c.Search.Tenant != nil {
		s.Tenant = c.Search.Tenant.Field
	}
	if !c.AppendOnly {
		s.Deleted = rotation.Deleted
	}
	for name, f := range c.Fields {
		if c.Hides(name) {
			continue
		}
		one := fieldOf(f.Type, f.Mapping)
		one.Nested = nestedAbove(c, name)
		s.Fields[name] = one
		sub, _ := f.Mapping["fields"].(map[string]any)
		for suffix, raw := range sub {
			mapping, _ := raw.(map[string]any)
			kind, _ := mapping["type"].(string)
			part := fieldOf(kind, mapping)
			part.Nested = one.Nested
			s.Fields[name+"."+suffix] = part
		}
	}
	if c.Time != nil && !c.Hides(c.Time.Field) {
		s.Time = c.Time.Field
		if _, ok := s.Fields[s.Time]; !ok {
			s.Fields[s.Time] = query.Field{Type: "date"}
		}
	}
	if c.Search.MaxRange != "" {
		s.MaxRange, _ = rotation.ParseDuration(c.Search.MaxRange) // checked when it was loaded
	}
	s.ID = sortableID(c, s.Fields)
	return s
}

// nestedAbove is the innermost nested field that name lies in, empty if in none.
func nestedAbove(c *collection.Collection, name string) string {
	for i := len(name) - 1; i > 0; i-- {
		if name[i] == '.' && c.Fields[name[:i]].Type == "nested" {
			return name[:i]
		}
	}
	return ""
}

func fieldOf(kind string, mapping map[string]any) query.Field {
	return query.Field{Type: kind, Unsearchable: mapping["index"] == false, Unsortable: mapping["doc_values"] == false}
}

// sortableID is the id's fields, if documents can be sorted by all of them.
func sortableID(c *collection.Collection, fields map[string]query.Field) []string {
	for _, name := range c.ID.Fields {
		f, ok := fields[name]
		if !ok || !f.Sortable() {
			return nil
		}
	}
	return c.ID.Fields
}
