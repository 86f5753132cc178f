package main

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// state is what an address of the page says.
type state struct {
	Now   view
	given url.Values
}

// own are the page's parameters; all others are the search's.
var own = []string{"collection", "for", "columns", "open", "context", "values", "tz", "refresh", "part", "id", "more"}

func (t state) get(name string) string { return t.given.Get(name) }
func (t state) has(name string) bool   { return t.given.Has(name) }

// search are the parameters of the search itself.
func (t state) search() url.Values {
	out := maps.Clone(t.given)
	for _, name := range own {
		out.Del(name)
	}
	return out
}

// normal reads what the form sends as the address that it stands for: a length of time
// and a range leave one another out, and another collection has other fields.
func normal(values url.Values) url.Values {
	out := given(values)
	if list := out["since"]; len(list) > 0 {
		switch last := list[len(list)-1]; last { // the button pressed stands behind what was chosen before
		case "between":
			out.Del("since")
		case "any":
			for _, name := range []string{"since", "from", "to"} {
				out.Del(name)
			}
		default:
			out.Set("since", last)
			switch {
			case len(list) > 1:
				out.Del("from")
				out.Del("to")
			case out.Has("for") && (out.Has("from") || out.Has("to")): // typed where there was a length
				out.Del("since")
			}
		}
	}
	if out.Has("for") && out.Get("for") != out.Get("collection") {
		for _, name := range []string{"filter", "sort", "columns", "open", "context", "values", "cursor"} {
			out.Del(name)
		}
	}
	out.Del("for")
	return out
}

// limit takes the longest range where the collection has one and none is given.
func (t *state) limit() {
	if t.Now.schema.MaxRange > 0 && !t.has("from") && !t.has("since") {
		t.given.Set("since", t.Now.Search.MaxRange)
	}
}

// timed says whether the collection has an event time.
func (t state) timed() bool { return t.Now.Collection != nil && t.Now.schema.Time != "" }

// local says whether times are shown as the browser's clock has them.
func (t state) local() bool { return t.get("tz") == "local" }

// columns are the fields shown beside the time; none: the document in short.
func (t state) columns() []string {
	var list []string
	for name := range strings.SplitSeq(t.get("columns"), ",") {
		if name != "" && len(list) < 20 && !slices.Contains(list, name) && !t.hidden(name) {
			list = append(list, name)
		}
	}
	return list
}

func (t state) hidden(name string) bool { return t.Now.Collection != nil && t.Now.Hides(name) }
