package rotation

import "time"

// Read is what a search of a time range names.
type Read struct {
	// Names are concrete indices, some of which may not exist, or one alias or data
	// stream; never a wildcard. Empty without Patterns: no index can hold such a
	// document, so nothing is to be searched.
	Names []string
	// Patterns are set instead when the range is open or has more periods than a
	// request line holds: list the indices by them, and search what Existing keeps.
	Patterns []string
	// From (the start of its period) and To bound the period starts that Existing keeps.
	From, To time.Time
}

// Existing keeps of the names that a listing of r.Patterns gave those that are the
// policy's own and in r's range.
func Existing(p Policy, r Read, listed []string) []string {
	names := []string{}
	for _, name := range listed {
		start, ok := p.Owned(name)
		if ok && !start.Before(r.From) && (r.To.IsZero() || start.Before(r.To)) {
			names = append(names, name)
		}
	}
	return names
}
