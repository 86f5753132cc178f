package collection

import (
	"cmp"
	"slices"
)

// fill sets what was left out to its default, so that no reader needs to know it.
func fill(c *Collection) {
	if c.Dynamic == "" {
		c.Dynamic = "false"
	}
	if c.ID.Separator == "" {
		c.ID.Separator = "|"
	}
	if c.Time != nil {
		if c.Time.Formats == nil {
			c.Time.Formats = []string{rfc3339}
		}
		if c.Time.Missing == "" {
			c.Time.Missing = "dead_letter"
		}
		if c.Search.Sort == "" && !c.Hides(c.Time.Field) {
			c.Search.Sort = c.Time.Field + ":desc"
		}
	}
	if c.Rows != nil {
		c.Rows.fill(c)
	}
	if c.Search.MaxSize == 0 {
		c.Search.MaxSize = 1000
	}
	if k := c.Search.Cache; k != nil {
		k.Settled, k.Stale = cmp.Or(k.Settled, "1h"), cmp.Or(k.Stale, "10m")
	}
	l := &c.Search.Limits
	for _, d := range []struct {
		limit *int
		most  int
	}{{&l.Shards, 2000}, {&l.Clauses, 1024}, {&l.Wildcards, 64}, {&l.Nesting, 50}, {&l.Array, 1024}, {&l.Buckets, 65535}} {
		if *d.limit == 0 {
			*d.limit = d.most
		}
	}
	if c.Search.Default == nil {
		for name, field := range c.Fields {
			if field.Type == "text" && !c.Hides(name) {
				c.Search.Default = append(c.Search.Default, name)
			}
		}
		slices.Sort(c.Search.Default)
	}
}
