package rotation

import "slices"

// Confirm plans what is missing for documents to be written to t. It is what ingest
// needs of Plan, by the same rules: rotate may not have run yet. A warning among the
// skipped says that something else stands there.
func Confirm(t Target, tpl Template, state State) Plan {
	var plan Plan
	switch {
	case state.Template == 0, !t.Alias && state.Stream == nil && state.Template != tpl.Version:
		plan.step(Step{Action: PutTemplate, Index: tpl.Name, Why: "there is no index template"})
	}
	if !t.Alias {
		if state.Stream == nil {
			plan.step(Step{Action: CreateStream, Index: t.Name, Why: "the data stream does not exist"})
		}
		return plan
	}
	own := t.own(tpl.Collection, state)
	if t.WriteIndex {
		gens, strays := lineage(t.Name, own)
		behind(&plan, state, t.Name, gens, strays)
	} else if confirm(&plan, state, t, own, "it does not exist") {
		mapDeletes(&plan, t, tpl, own)
	}
	return plan
}

// mapDeletes lets an index that was made before there were tombstones know their field:
// what is written before it does is never found by it.
func mapDeletes(plan *Plan, t Target, tpl Template, own []Index) {
	if write := writer(t.Name, own); tpl.Tombstones && write != nil && !write.MapsDeleted {
		plan.step(Step{Action: MapDeletes, Index: write.Name, Mapping: []byte(`{"properties":{"` + Deleted + `":{"type":"date"}}}`),
			Why: "it does not know the field of tombstones"})
	}
}

// own lists the collection's indices that the alias may be written through.
func (t Target) own(collection string, state State) []Index {
	var own []Index
	for _, index := range state.Indices {
		_, numbered := number(t.Name, index.Name)
		if (numbered || index.Name == t.Index) && index.Marker.Collection == collection {
			own = append(own, index)
		}
	}
	return family(t.Name, own)
}

// confirm plans what is missing of one index behind one alias: t.Index if there is
// none of own. It is false where something that is not ours stands in the way.
func confirm(plan *Plan, state State, t Target, own []Index, why string) bool {
	write := writer(t.Name, state.Indices)
	switch {
	case state.has(t.Name):
		plan.warn(t.Name, misplaced)
		return false
	case write != nil && !slices.ContainsFunc(own, write.is):
		plan.warn(write.Name, "has the alias "+t.Name+", but was not made by this collection: take the alias from it")
		return false
	case write != nil:
	case len(own) > 0:
		gens, strays := lineage(t.Name, own)
		index := gens[len(gens)-1]
		if i := slices.IndexFunc(own, func(i Index) bool { return i.on(t.Name) }); i >= 0 {
			index = own[i]
		} else if len(strays) > 0 {
			plan.warn(strays[0].Name, unclear(t.Name, index))
			return false
		}
		plan.step(Step{Action: SetAliases, Index: index.Name, Alias: t.Name, Body: standOn(t.Name, []Index{index}, ""),
			Why: "it is not what documents are written to through the alias " + t.Name})
	case state.taken(t.Index):
		plan.warn(t.Index, "stands where the collection's index must be, but was not made by it")
		return false
	default:
		plan.step(Step{Action: Create, Index: t.Index, Target: t, Why: why})
	}
	return true
}
