package main

import (
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/query"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// schemaOf is what may be searched of a collection: its fields and their sub-fields,
// without the hidden ones.
func schemaOf(c *collection.Collection, key []byte) query.Schema {
	s := query.Schema{
		Collection: c.Name, Fields: map[string]query.Field{}, Hidden: c.Search.Hidden,
		Default: c.Search.Default, Sort: c.Search.Sort, Wildcards: c.Search.Wildcards,
		MaxSize: c.Search.MaxSize, Key: key, Rows: c.Rows != nil,
	}
	if !c.AppendOnly {
		s.Deleted = rotation.Deleted
	}
	for name, f := range c.Fields {
		if c.Hides(name) {
			continue
		}
		s.Fields[name] = fieldOf(f.Type, f.Mapping)
		sub, _ := f.Mapping["fields"].(map[string]any)
		for suffix, raw := range sub {
			mapping, _ := raw.(map[string]any)
			kind, _ := mapping["type"].(string)
			s.Fields[name+"."+suffix] = fieldOf(kind, mapping)
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
