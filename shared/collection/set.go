package collection

import (
	"fmt"
	"slices"
	"strings"
)

// Set is every collection there is. It never changes, and is safe for concurrent use.
type Set struct {
	all      []*Collection
	named    map[string]*Collection
	claimed  map[claim]*Collection
	fallback *Collection
}

func newSet(all []*Collection) *Set {
	s := &Set{all: all, named: map[string]*Collection{}, claimed: map[claim]*Collection{}}
	slices.SortFunc(s.all, func(a, b *Collection) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range s.all {
		s.named[c.Name] = c
		for _, src := range c.Sources {
			s.claimed[src.claim()] = c
		}
	}
	return s
}

// All is every collection by name. The collections are shared: do not change them.
func (s *Set) All() []*Collection { return slices.Clone(s.all) }

// ByName is the collection of that name.
func (s *Set) ByName(name string) (*Collection, bool) {
	c, ok := s.named[name]
	return c, ok
}

// WithDefault is the same set, in which the named collection takes the records that
// nothing else claims. An empty name means none does.
func (s *Set) WithDefault(name string) (*Set, error) {
	next := *s
	next.fallback = s.named[name]
	if name != "" && next.fallback == nil {
		return s, fmt.Errorf("default collection %q does not exist: %s", name, suggest(name, s.names()))
	}
	return &next, nil
}

// WithRedactKey is the same set with the key of the hashes that its mapping rules make.
// Who makes documents needs it; to read the files nobody does.
func (s *Set) WithRedactKey(key string) (*Set, error) {
	var all []*Collection
	for _, c := range s.all {
		if key == "" && c.hashes() {
			return s, fmt.Errorf("the mapping rules of %s hash personal data, and REDACT_KEY is missing: give a long random secret", c.Name)
		}
		keyed := *c
		keyed.redactKey = key
		all = append(all, &keyed)
	}
	next := newSet(all)
	if s.fallback != nil {
		next.fallback = next.named[s.fallback.Name]
	}
	return next, nil
}

// Resolve is the collection that a record belongs to: the one its attribute names, else
// the one that claims its table, else its ARN, else the last part of its ARN, else the
// default. An attribute that names no collection resolves to none: the producer said
// what it wanted, and nothing is guessed.
func (s *Set) Resolve(r Record) (*Collection, bool) {
	if r.Attribute != "" {
		return s.ByName(r.Attribute)
	}
	if c, ok := s.claimed[claim{"table", r.Table}]; ok {
		return c, true
	}
	if c, ok := s.byARN(r.ARN); ok {
		return c, true
	}
	return s.fallback, s.fallback != nil
}

func (s *Set) byARN(arn string) (*Collection, bool) {
	service, name := arnName(arn)
	keys, known := claimable[service]
	if !known {
		keys = anyKey
	}
	for _, what := range [...]string{arn, name} {
		for _, kind := range keys {
			if c, ok := s.claimed[claim{kind, what}]; ok {
				return c, true
			}
		}
	}
	return nil, false
}

func (s *Set) names() []string {
	names := make([]string, len(s.all))
	for i, c := range s.all {
		names[i] = c.Name
	}
	return names
}
