package query

import (
	"strconv"
	"strings"
)

func (r *reader) readSize(text string) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > r.schema.maxSize() {
		r.wrong(-1, "%q is not a whole number from 0 to %d", text, r.schema.maxSize())
		return
	}
	r.Size = n
}

func (r *reader) readOffset(text string) {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || n < 0:
		r.wrong(-1, "%q is not a whole number of 0 or more", text)
	case n > 0 && r.values.Has("cursor"):
		r.wrong(-1, "a cursor already says where the page begins: leave one of them out")
	default:
		r.offset = n
	}
}

func (r *reader) checkWindow() {
	if r.name = "offset"; r.offset > maxWindow-r.Size {
		r.wrong(-1, "offset + size is over %d: narrow the search, or follow next with cursor=", maxWindow)
	}
}

// readFields reads the names of what to return of each document.
func (r *reader) readFields(text string) {
	if strings.Count(text, ",") >= maxFields {
		r.wrong(-1, "more than %d names", maxFields)
		return
	}
	for name := range strings.SplitSeq(text, ",") {
		switch {
		case name == "" || name != strings.TrimSpace(name) || strings.ContainsAny(name, "*\"\\") || len(name) > 256:
			r.wrong(-1, "%q is no field's name: write fields=a,b.c", name)
		case r.schema.hides(name):
			r.wrong(-1, "%s", r.schema.unknown(name))
		}
		r.fields = append(r.fields, name)
	}
}
