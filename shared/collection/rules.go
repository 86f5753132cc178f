package collection

import (
	"errors"
	"slices"

	"github.com/sluice-dev/sluice/shared/mapping"
)

// ruleSet is a compiled rule set and the sources that it is for; none: all.
type ruleSet struct {
	*mapping.Mapper
	sources []string
}

func compileRules(c *Collection) (all []ruleSet) {
	for _, rules := range c.Mapping {
		if m, wrong := mapping.Compile(rules, c.redactKey); wrong == nil { // Load has checked it
			all = append(all, ruleSet{m, rules.Sources})
		}
	}
	return all
}

func (r ruleSet) takes(record Record) bool {
	if len(r.sources) == 0 || record.Table != "" && slices.Contains(r.sources, record.Table) {
		return true
	}
	_, name := arnName(record.ARN)
	return slices.Contains(r.sources, record.ARN) || slices.Contains(r.sources, name)
}

func (c *Collection) hashes() bool {
	return slices.ContainsFunc(c.Mapping, func(r mapping.Rules) bool { return r.Hashes() })
}

// mapped is the document as the collection's rules leave it, with the wanted fields found.
// Of a deleted row nothing is wanted but its key.
func (d *Documents) mapped(f *finder, record Record, document []byte, keyOnly bool) (_ []byte, err error) {
	if record.Log != nil {
		if document, err = d.logged(f, record.Log, document); err != nil {
			return nil, err
		}
	}
	if !slices.ContainsFunc(d.rules, func(r ruleSet) bool { return r.takes(record) }) {
		return d.read(f, document)
	}
	if len(d.ofJSON) > 0 { // rules are for what lines become
		read, err := d.read(f, document)
		if err != nil {
			return nil, err
		}
		document = read
	}
	out, err := d.apply(record, document, keyOnly)
	if _, misfit := errors.AsType[*mapping.Misfit](err); err != nil && !misfit { // no object: a log line, or nothing
		if document, err = d.read(f, document); err != nil {
			return nil, err
		}
		out, err = d.apply(record, document, keyOnly)
	}
	if err != nil {
		return nil, &Flaw{"mapping_misfit", err.Error()}
	}
	if flaw := f.find(out); flaw != nil {
		return nil, flaw
	}
	return out, nil
}

func (d *Documents) apply(record Record, document []byte, keyOnly bool) (_ []byte, err error) {
	for _, r := range d.rules {
		if r.takes(record) {
			rewrite := r.Apply
			if keyOnly {
				rewrite = r.Key
			}
			if document, err = rewrite(document); err != nil {
				return nil, err
			}
		}
	}
	return document, nil
}
