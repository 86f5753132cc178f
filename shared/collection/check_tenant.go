package collection

import (
	"fmt"
	"maps"
	"slices"
)

// changing are the mapping parameters that would find a document by a value it has not.
var changing = []string{"normalizer", "null_value"}

func (f *file) checkTenant(c *Collection) {
	t := c.Search.Tenant
	if t == nil {
		return
	}
	const path = "search.tenant.field"
	kind, ok := f.fieldType(c, path, t.Field)
	if ok && kind != "keyword" {
		f.wrong(path, "%s is of type %s: a tenant is a keyword, whose values are compared as they are", t.Field, kind)
	}
	mapping := c.Fields[t.Field].Mapping
	if mapping["index"] == false {
		f.wrong(path, "%s is not indexed (index: false): nothing would be found", t.Field)
	}
	for _, name := range changing {
		if _, has := mapping[name]; has {
			f.wrong(path, "%s has a %s: it would give documents to another tenant than they say; take it out", t.Field, name)
		}
	}
	if c.Search.Cache != nil && c.Search.Cache.Public {
		f.wrong("search.cache.public", "true lets a CDN give one caller's answers to another, and each tenant sees its own documents: take it out")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
		if copies(c.Fields[name].Mapping["copy_to"], t.Field) {
			f.wrong("fields."+name+".mapping.copy_to", "%s is the tenant (search.tenant): its value is the document's own", t.Field)
		}
	}
}

// copies says whether a copy_to, one name or a list, names field.
func copies(to any, field string) bool {
	if list, ok := to.([]any); ok {
		return slices.ContainsFunc(list, func(one any) bool { return copies(one, field) })
	}
	return to != nil && fmt.Sprint(to) == field
}
