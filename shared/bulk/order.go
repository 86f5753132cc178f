package bulk

import "github.com/sluice-dev/sluice/shared/change"

// document is what two changes have in common.
type document struct{ target, id string }

// order remembers the documents whose last change is not stored, and whether it may
// be soon. Only changes without a version of their own need it: a version that no other
// change shares, or create, already keeps an earlier change from undoing a later one.
type order struct{ open map[document]bool }

func ordered(item *Item) bool {
	return item.Op != change.Create && (item.Version == change.NoVersion || item.Ties)
}

func (o *order) held(item *Item) (soon, held bool) {
	if len(o.open) == 0 || !ordered(item) {
		return false, false
	}
	soon, held = o.open[document{item.Target.Name, item.ID}]
	return soon, held
}

func (o *order) failed(item *Item, soon bool) {
	if !ordered(item) {
		return
	}
	if o.open == nil {
		o.open = make(map[document]bool)
	}
	o.open[document{item.Target.Name, item.ID}] = soon
}

// guards are the aliases that versioned deletes of a request name.
type guards struct {
	aliases []string
	size    int
}

func (g *guards) add(item *Item) {
	if !item.Target.Alias || item.Op != change.Delete || item.Tombstone != nil || item.Version == change.NoVersion {
		return
	}
	for _, alias := range g.aliases {
		if alias == item.Target.Name {
			return
		}
	}
	g.aliases = append(g.aliases, item.Target.Name)
	g.size = len(g.append(nil))
}

func (g *guards) append(dst []byte) []byte {
	for _, alias := range g.aliases {
		dst = appendGuard(dst, alias)
	}
	return dst
}

func (g *guards) count() int { return len(g.aliases) }
