package rotation

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// family sorts numbered indices by their number.
func family(base string, own []Index) []Index {
	return slices.SortedFunc(slices.Values(own), func(a, b Index) int {
		x, _ := number(base, a.Name)
		y, _ := number(base, b.Name)
		return cmp.Compare(x, y)
	})
}

// lineage parts the generations behind the alias from what only looks like one: above the
// index that is written to, each number follows the one before. Orders-20260517 is
// somebody's copy, with our marker. Without a write index the lowest that has the alias,
// or else the lowest of all, is where it begins.
func lineage(alias string, own []Index) (gens, strays []Index) {
	all := family(alias, own)
	if len(all) == 0 {
		return nil, nil
	}
	newest := slices.IndexFunc(all, func(i Index) bool { return i.Aliases[alias] })
	if newest < 0 {
		newest = max(0, slices.IndexFunc(all, func(i Index) bool { return i.on(alias) }))
	}
	for newest+1 < len(all) && follows(alias, all[newest], all[newest+1]) {
		newest++
	}
	return all[:newest+1], all[newest+1:]
}

func follows(base string, a, b Index) bool {
	x, _ := number(base, a.Name)
	y, _ := number(base, b.Name)
	return y == x+1
}

// writer is the index that the alias is written through, if the flag says one.
func writer(alias string, indices []Index) *Index {
	for i := range indices {
		if indices[i].Aliases[alias] {
			return &indices[i]
		}
	}
	return nil
}

// behind plans that the alias stands on every generation and writes to the newest:
// a lost alias, an alias without a write index and a generation whose rollover was
// cut short are one fault with one cure, a single atomic update. It returns the
// write index, or nil if there is none until that step is done.
func behind(plan *Plan, state State, alias string, gens, strays []Index) *Index {
	if blocked(plan, state, alias, gens, strays) {
		return nil
	}
	if len(gens) == 0 {
		t := Target{Name: alias, Index: generation(alias, 1), Alias: true, WriteIndex: true}
		plan.step(Step{Action: Create, Index: t.Index, Target: t, Why: "the collection has no index yet"})
		return nil
	}
	newest := &gens[len(gens)-1]
	missing := slices.ContainsFunc(gens, func(i Index) bool { return !i.on(alias) })
	if newest.Aliases[alias] && !missing {
		return newest
	}
	plan.step(Step{Action: SetAliases, Index: newest.Name, Alias: alias, Body: standOn(alias, gens, ""), Why: disarray(alias, gens)})
	return nil
}

// blocked warns of what stands where our alias or its first index must be. Somebody's
// index beside ours is in nobody's way while the alias only reads it.
func blocked(plan *Plan, state State, alias string, gens, strays []Index) bool {
	if state.has(alias) {
		plan.warn(alias, misplaced)
		return true
	}
	ours := func(i Index) bool { return slices.ContainsFunc(gens, i.is) }
	standing := slices.ContainsFunc(gens, func(i Index) bool { return i.on(alias) })
	for _, member := range state.aliased(alias) {
		if (member.Aliases[alias] || !standing) && !ours(member) {
			plan.warn(member.Name, "has the alias "+alias+", but was not made by this collection: take the alias from it")
			return true
		}
	}
	if len(strays) > 0 && writer(alias, gens) == nil {
		plan.warn(strays[0].Name, unclear(alias, gens[len(gens)-1]))
		return true
	}
	if first := generation(alias, 1); len(gens) == 0 && state.taken(first) {
		plan.warn(first, "stands where the collection's index must be, but was not made by it")
		return true
	}
	return false
}

func unclear(alias string, newest Index) string {
	return "does not follow " + newest.Name + ", and the alias " + alias + " writes to neither: give it, with is_write_index, to the one that is written to"
}

// standOn is the alias update. The flag is taken before it is given.
func standOn(alias string, gens []Index, filter string) []byte {
	type add struct {
		Index  string          `json:"index"`
		Alias  string          `json:"alias"`
		Write  bool            `json:"is_write_index"`
		Filter json.RawMessage `json:"filter,omitempty"`
	}
	actions := make([]map[string]add, len(gens))
	for i, index := range gens {
		actions[i] = map[string]add{"add": {index.Name, alias, i == len(gens)-1, json.RawMessage(filter)}}
	}
	body, _ := json.Marshal(map[string]any{"actions": actions}) // of strings and bools: cannot fail
	return body
}

func disarray(alias string, gens []Index) string {
	var on []string
	for _, index := range gens {
		if index.on(alias) {
			on = append(on, index.Name)
		}
	}
	write := "has no write index"
	if w := writer(alias, gens); w != nil {
		write = "writes to " + w.Name
	}
	return fmt.Sprintf("the alias %s stands on %s and %s; it must stand on all generations and write to the newest", alias, cmp.Or(strings.Join(on, ", "), "none"), write)
}

// reached says which condition the index has reached; empty if none. An empty index
// is not rolled, however old: that would only pile up empty ones.
func (c conditions) reached(now time.Time, index Index) string {
	switch {
	case index.Docs == 0 || index.Closed:
		return ""
	case c.age > 0 && !index.Created.IsZero() && !index.Created.Add(c.age).After(now):
		return fmt.Sprintf("%s was created %s: max_age %s is reached", index.Name, date(index.Created), describe(c.age))
	case c.docs > 0 && index.Docs >= c.docs:
		return fmt.Sprintf("%s has %d documents: max_docs %d is reached", index.Name, index.Docs, c.docs)
	case c.bytes > 0 && index.Bytes >= c.bytes:
		return fmt.Sprintf("%s has %d bytes: max_size %d is reached", index.Name, index.Bytes, c.bytes)
	}
	return ""
}

// since pairs each generation but the newest with the birth of the one after it,
// which is when it was written to last.
func since(gens []Index) []retired {
	var old []retired
	for i := 0; i+1 < len(gens); i++ {
		old = append(old, retired{Index: gens[i], since: gens[i+1].Created})
	}
	return old
}
