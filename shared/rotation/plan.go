package rotation

import (
	"fmt"
	"slices"
	"time"
)

// Action is what a step does.
type Action string

const (
	PutTemplate  Action = "put_template"
	Create       Action = "create"        // Index with its alias
	CreateStream Action = "create_stream" // the data stream Index
	SetAliases   Action = "set_aliases"   // one atomic alias update
	Roll         Action = "rollover"      // Alias moves from From to Index
	RollStream   Action = "rollover_stream"
	Update       Action = "update"      // a written index gets the collection's new mapping
	Observe      Action = "observe"     // the marker says until when it was written to
	Settle       Action = "settle"      // settings of a no longer written index
	ForceMerge   Action = "force_merge" // started, not waited for
	Delete       Action = "delete"
	MapDeletes   Action = "map_deletes" // the mapping of Deleted, into an index of an earlier version of ours
	Purge        Action = "purge"       // tombstones of deletes before Before
)

// Plan is what a run will do, in order, and what it leaves alone.
type Plan struct {
	Steps   []Step
	Skipped []Skipped
}

// Step is one idempotent action and its reason.
type Step struct {
	Action Action
	Index  string // what it is about: an index, a data stream or a template
	Why    string

	UUID     string    // Delete: of the index that was meant
	After    string    // Delete: not before this index has been made, or too few would be left
	Target   Target    // Create
	Alias    string    // SetAliases, Roll
	From     string    // Roll: the write index until now
	Body     []byte    // SetAliases, Roll: the alias update; RollStream: the conditions; Update, Settle: the settings
	Mapping  []byte    // Update, Observe, MapDeletes
	Segments int       // ForceMerge
	Before   time.Time // Purge
}

// Skipped is an index that was left alone, and why. Warn: somebody has to act.
type Skipped struct {
	Index string
	Why   string
	Warn  bool
}

// Due counts the deletes.
func (p Plan) Due() int {
	n := 0
	for _, s := range p.Steps {
		if s.Action == Delete {
			n++
		}
	}
	return n
}

// Limit keeps the first (oldest) n deletes; the others wait for a later run.
func (p Plan) Limit(n int) Plan {
	out, due := Plan{Skipped: p.Skipped}, p.Due()
	for _, s := range p.Steps {
		if s.Action != Delete {
			out.Steps = append(out.Steps, s)
			continue
		}
		if n--; n >= 0 {
			out.Steps = append(out.Steps, s)
			continue
		}
		out.Skipped = append(out.Skipped, Skipped{Index: s.Index, Why: fmt.Sprintf("its delete waits for a later run: %d are due", due)})
	}
	return out
}

func (p *Plan) step(s Step) { p.Steps = append(p.Steps, s) }

func (p *Plan) skip(index, why string) { p.leave(index, why, false) }

func (p *Plan) warn(index, why string) { p.leave(index, why, true) }

// leave gives the index one reason: the last one, which knows more than those before.
func (p *Plan) leave(index, why string, warn bool) {
	p.Skipped = slices.DeleteFunc(p.Skipped, func(s Skipped) bool { return s.Index == index })
	p.Skipped = append(p.Skipped, Skipped{index, why, warn})
}

func date(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
