package mapping

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// checker collects what is wrong with a rule set.
type checker struct {
	Rules
	wrong []Mistake
}

func check(rules Rules) []Mistake {
	c := &checker{Rules: rules}
	c.names()
	for _, rule := range c.results() {
		c.field(rule.key, rule.field)
	}
	for path, split := range c.Split {
		c.split(path, split)
	}
	for path, formats := range c.Date {
		for i, format := range formats {
			if !IsFormat(format) {
				c.say(fmt.Sprintf("date.%s[%d]", path, i), "%q is neither a Go layout (2006-01-02 15:04:05) nor one of %s", format, strings.Join(Formats, ", "))
			}
		}
		if _, both := c.Type[path]; both {
			c.say("date."+path, "has a type too: keep one")
		}
	}
	for path, table := range c.Enum {
		for from, to := range table {
			if to[0] == '{' || to[0] == '[' {
				c.say("enum."+path+"."+from, "a value is replaced by one value, not by a block or list")
			}
		}
	}
	for to, from := range c.Copy {
		if original, copied := c.Copy[from]; copied {
			c.say("copy."+to, "%s is a copy itself: copy %s", from, original)
		}
	}
	c.redactions()
	c.expressions()
	if len(c.results())+len(c.Drop)+len(c.Flatten) == 0 && c.Case == "" {
		c.say("", "has no rule: add one or remove it")
	}
	slices.SortFunc(c.wrong, func(a, b Mistake) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Text, b.Text)) })
	return c.wrong
}

func (c *checker) say(path, format string, args ...any) {
	c.wrong = append(c.wrong, Mistake{path, fmt.Sprintf(format, args...)})
}

// names checks the rules that speak of names as they come in.
func (c *checker) names() {
	for i, path := range c.Drop {
		c.path(fmt.Sprintf("drop[%d]", i), path)
		if _, both := c.Rename[path]; both {
			c.say(fmt.Sprintf("drop[%d]", i), "%s is renamed too: keep one", path)
		}
	}
	for i, path := range c.Verbatim {
		c.path(fmt.Sprintf("verbatim[%d]", i), path)
		if c.Case == "" {
			c.say(fmt.Sprintf("verbatim[%d]", i), "every name stays as it is without case: remove it, or add case")
		}
	}
	for path := range c.Flatten {
		c.path("flatten."+path, path)
		if _, both := c.Rename[path]; both {
			c.say("flatten."+path, "%s is renamed too: flatten it in a rule set of its own", path)
		}
	}
	for from := range c.Rename {
		c.path("rename."+from, from)
	}
}

func (c *checker) path(key, path string) bool {
	if path == "" || slices.Contains(strings.Split(path, "."), "") {
		c.say(key, "a field's name is words joined by single dots")
		return false
	}
	return true
}

func (c *checker) split(path string, split Split) {
	if len(split.Into) == 0 {
		return
	}
	if len(split.Into) == 1 {
		c.say("split."+path+".into", "one field would get the whole text: name two, or rename it")
	}
	for _, rule := range c.results() {
		kind, _, _ := strings.Cut(rule.key, ".")
		if rule.field == path && slices.Contains([]string{"enum", "type", "date", "redact", "default"}, kind) {
			c.say(rule.key, "%s is split into %s, and this rule comes after that: it is for those", path, strings.Join(split.Into, ", "))
		}
	}
}

// redactions: what is redacted must not be there a second time, unredacted.
func (c *checker) redactions() {
	for path, r := range c.Redact {
		key := "redact." + path
		if (r.Hash == "") == (r.Mask == "") {
			c.say(key, "is done by hash or by mask: give one of them")
		}
		if r.Mask == "" && r.KeepFirst+r.KeepLast > 0 {
			c.say(key, "only a mask keeps characters: remove keep_first and keep_last, or use mask")
		}
		for to, from := range c.Copy {
			rest, inside := strings.CutPrefix(path+".", from+".")
			if copied := strings.TrimSuffix(to+"."+rest, "."); inside {
				if _, too := c.Redact[copied]; !too {
					c.say("copy."+to, "a copy has the value that came in, and %s is redacted: redact %s too", path, copied)
				}
			}
		}
	}
}
