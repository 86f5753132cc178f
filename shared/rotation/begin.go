package rotation

import (
	"maps"
	"slices"
)

const (
	unmarked  = "not made by this collection: its mapping has no marker of it"
	readOnly  = "somebody made it read-only (index.blocks.read_only)"
	misplaced = "is an index where the collection's alias must be: reindex it into another name and delete it"
)

// begin is the start of every policy's plan: the template, and which of the listed
// indices are the collection's own, by exact name and by marker.
func (l *lifecycle) begin(policy Policy, state State) (plan Plan, own []Index) {
	switch {
	case state.Template == 0:
		plan.step(Step{Action: PutTemplate, Index: l.template.Name, Why: "there is no index template"})
	case state.Template != l.template.Version:
		plan.step(Step{Action: PutTemplate, Index: l.template.Name, Why: "the stored index template is another one"})
	}
	for _, index := range state.Indices {
		_, named := policy.Owned(index.Name)
		marked := index.Marker.Collection == l.name
		switch {
		case named && marked:
			own = append(own, index)
		case named:
			plan.warn(index.Name, unmarked)
		case marked:
			plan.skip(index.Name, "carries the collection's marker, but not one of its names: a copy, or of an earlier policy")
		}
		for _, alias := range slices.Sorted(maps.Keys(index.Aliases)) {
			if _, named := policy.Owned(alias); named {
				plan.warn(alias, "is an alias of "+index.Name+", not an index")
			}
		}
	}
	return plan, own
}

// update brings a written index, made before the collection's file changed, up to it.
func (l *lifecycle) update(plan *Plan, index Index) {
	switch {
	case index.Closed:
		plan.warn(index.Name, "is closed, and documents are to be written to it: open it")
	case index.Marker.Template == l.template.Version:
	case index.ReadOnly:
		plan.warn(index.Name, "keeps its old fields: "+readOnly)
	case index.ISM != "":
		plan.skip(index.Name, "managed by the ISM policy "+index.ISM)
	default:
		plan.step(Step{Action: Update, Index: index.Name, Body: l.template.dynamic, Mapping: l.template.mapping,
			Why: "it is written to, and was made before the collection's fields changed"})
	}
}
