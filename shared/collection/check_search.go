package collection

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/field"
	"github.com/sluice-dev/sluice/shared/rotation"
)

func (f *file) checkSearch(c *Collection) {
	for i, name := range c.Search.Default {
		path := index("search.default", i)
		if t, ok := f.fieldType(c, path, name); ok && t != "text" {
			f.wrong(path, "%s is of type %s: a bare word is looked for in text fields", name, t)
		}
		f.checkShown(c, path, name)
	}
	for i, name := range c.Search.Hidden {
		if !holdsFields(c, name) {
			f.fieldType(c, index("search.hidden", i), name)
		}
	}
	f.checkCopies(c)
	f.checkSort(c)
	f.checkTenant(c)
	if r := c.Search.MaxRange; r != "" {
		if _, err := rotation.ParseDuration(r); err != nil {
			f.wrong("search.max_range", "%v", err)
		}
	}
	f.checkCache(c.Search.Cache)
}

func (f *file) checkCache(k *Cache) {
	if k == nil {
		return
	}
	for _, w := range []struct{ name, text string }{{"fresh", k.Fresh}, {"settled", k.Settled}, {"stale", k.Stale}} {
		if _, err := window(w.text); w.text != "" && err != nil { // nothing is its default, or told already
			f.wrong("search.cache."+w.name, "%v", err)
		}
	}
}

// Windows are the cache's times, all zero where there is none. They were checked when it was loaded.
func (s Search) Windows() (fresh, settled, stale time.Duration) {
	if s.Cache == nil {
		return 0, 0, 0
	}
	fresh, _ = window(s.Cache.Fresh)
	settled, _ = window(s.Cache.Settled)
	stale, _ = window(s.Cache.Stale)
	return fresh, settled, stale
}

func window(text string) (time.Duration, error) {
	if text == "0s" {
		return 0, nil
	}
	return rotation.ParseDuration(text)
}

func (f *file) checkSort(c *Collection) {
	if c.Search.Sort == "" {
		return
	}
	name, order, _ := strings.Cut(c.Search.Sort, ":")
	if order != "asc" && order != "desc" {
		f.wrong("search.sort", "%q is not an order: write %s:asc or %s:desc", c.Search.Sort, name, name)
	}
	t, ok := f.fieldType(c, "search.sort", name)
	if ok && slices.Contains([]string{"text", "wildcard", "object", "nested", "flat_object", "geo_point", "binary"}, t) {
		f.wrong("search.sort", "%s is of type %s, which has no order", name, t)
	}
	f.checkShown(c, "search.sort", name)
}

func (f *file) checkShown(c *Collection, path, name string) {
	if c.Hides(name) {
		f.wrong(path, "%s is hidden: take it out of search.hidden or out of here", name)
	}
}

// checkCopies refuses copies of hidden values under names that are not: by them they could be
// searched and counted.
func (f *file) checkCopies(c *Collection) {
	names := slices.Sorted(maps.Keys(c.Fields))
	for _, name := range names {
		if !c.Hides(name) {
			continue
		}
		for _, to := range names {
			if !c.Hides(to) && copies(c.Fields[name].Mapping["copy_to"], to) {
				f.wrong("fields."+name+".mapping.copy_to", "%s is hidden, and in %s its values could be found: hide both, or take copy_to out", name, to)
			}
		}
	}
}

// Hides says whether search must neither use nor return the field.
func (c *Collection) Hides(name string) bool { return field.Within(c.Search.Hidden, name) }

func holdsFields(c *Collection, parent string) bool {
	for name := range c.Fields {
		if field.Inside(parent, name) {
			return true
		}
	}
	return false
}
