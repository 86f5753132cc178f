package mapping

import (
	"slices"
	"strings"
)

type result struct{ key, field string }

// results are all fields that rules speak of by the name that results.
func (c *checker) results() (all []result) {
	for from, to := range c.Rename {
		all = append(all, result{"rename." + from, to})
	}
	for to, from := range c.Copy {
		all = append(all, result{"copy." + to, from}, result{"copy." + to, to})
	}
	for path, split := range c.Split {
		all = append(all, result{"split." + path, path})
		for _, to := range split.Into {
			all = append(all, result{"split." + path + ".into", to})
		}
	}
	for key, paths := range map[string][]string{
		"enum": sorted(c.Enum), "type": sorted(c.Type), "date": sorted(c.Date),
		"redact": sorted(c.Redact), "default": sorted(c.Default), "expr": sorted(c.Expr),
	} {
		for _, path := range paths {
			all = append(all, result{key + "." + path, path})
		}
	}
	return all
}

// field checks that a field by its resulting name can be there at all: a rule for a
// name that the rules above it have changed would never apply.
func (c *checker) field(key, path string) {
	if !c.path(key, path) || c.made(path) {
		return
	}
	for _, outer := range outward(path) {
		if to, renamed := c.Rename[outer]; renamed && !strings.HasPrefix(key, "rename.") {
			c.say(key, "%s is renamed to %s, and this rule comes after that: write %s", outer, to, to+path[len(outer):])
			return
		}
		if slices.Contains(c.Drop, outer) && !strings.HasPrefix(key, "rename.") {
			c.say(key, "%s is dropped, and this rule comes after that: remove one", outer)
			return
		}
		if join, flat := c.Flatten[outer]; flat && outer != path {
			name := outer + join + strings.ReplaceAll(path[len(outer)+1:], ".", join)
			if join == "none" {
				name = strings.TrimLeft(outer[:strings.LastIndexByte(outer, '.')+1]+path[len(outer)+1:], ".")
			}
			if name != path {
				c.say(key, "%s is flattened, and this rule comes after that: write %s", outer, name)
			}
			return
		}
	}
	if style := styles[c.Case]; style != nil && !c.verbatimIn(path) {
		if cased := string(style(nil, []byte(path))); cased != path && !strings.HasPrefix(key, "rename.") {
			c.say(key, "case: %s comes before this rule: write %s", c.Case, cased)
		}
	}
}

// made says whether rules give the field, or what is around it, its name.
func (c *checker) made(path string) bool {
	for _, outer := range outward(path) {
		if _, copied := c.Copy[outer]; copied {
			return true
		}
		for _, to := range c.Rename {
			if to == outer {
				return true
			}
		}
		for _, split := range c.Split {
			if slices.Contains(split.Into, outer) {
				return true
			}
		}
	}
	return false
}

func (c *checker) verbatimIn(path string) bool {
	for _, outer := range outward(path)[1:] {
		if slices.Contains(c.Verbatim, outer) {
			return true
		}
	}
	return false
}

// outward is the path and the paths around it.
func outward(path string) []string {
	all := []string{path}
	for i := len(path) - 1; i > 0; i-- {
		if path[i] == '.' {
			all = append(all, path[:i])
		}
	}
	return all
}
