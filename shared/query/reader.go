package query

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// reader fills a Request and notes what is wrong.
type reader struct {
	Request
	values   url.Values
	name     string // of the parameter being read
	kind     string // of request: a cursor of one is none of another
	mistakes Mistakes
}

func (r *reader) wrong(position int, format string, args ...any) {
	r.note(wrong(position, format, args...))
}

func (r *reader) note(m *Mistake) { r.mistakes = append(r.mistakes, m.in(r.name)) }

func newReader(schema Schema, values url.Values, now time.Time) *reader {
	r := &reader{values: values, Request: Request{schema: schema, clock: now}}
	r.Size = min(defaultSize, schema.maxSize())
	return r
}

func (r *reader) result() (Request, error) {
	if len(r.mistakes) > 0 {
		return Request{}, r.mistakes
	}
	return r.Request, nil
}

func (r *reader) readAll(list []parameter) {
	r.begin(list)
	r.binding = r.bind()
	r.each(list)
}

func (r *reader) begin(list []parameter) {
	r.sort = r.defaultSort()
	if r.export {
		r.sort = r.schema.exportOrder()
	}
	r.refuseOthers(list)
}

func (r *reader) each(list []parameter) {
	for _, p := range list {
		r.name = p.name
		for _, value := range r.values[p.name] {
			if bad, at := unprintable(value); bad != "" {
				r.wrong(at, "%s", bad)
				continue
			}
			p.read(r, value)
		}
	}
}

func (r *reader) refuseOthers(list []parameter) {
	for _, name := range slices.Sorted(maps.Keys(r.values)) {
		r.name = name
		i := slices.IndexFunc(list, func(p parameter) bool { return p.name == name })
		switch {
		case i < 0:
			r.wrong(-1, "%s", r.notParameter(name, list))
		case len(r.values[name]) > list[i].most:
			r.wrong(-1, "is given %d times; it may be given %d at most", len(r.values[name]), list[i].most)
			r.drop(name)
		case slices.ContainsFunc(r.values[name], func(v string) bool { return len(v) > maxValue }):
			r.wrong(-1, "is longer than %d bytes", maxValue)
			r.drop(name)
		}
	}
}

func (r *reader) drop(name string) {
	r.values = maps.Clone(r.values)
	delete(r.values, name)
}

func (r *reader) notParameter(name string, list []parameter) unknown {
	known := names(list)
	if near := Nearest(name, known); near != "" {
		return unknown{fmt.Sprintf("is not a parameter of this request; did you mean %s?", near), near}
	}
	if _, ok := r.schema.field(name); ok && slices.Contains(known, "filter") {
		return unknown{fmt.Sprintf("is not a parameter of this request; did you mean filter=%s:value?", name), "filter"}
	}
	if len(known) == 0 {
		return unknown{text: "is not a parameter of this request, which takes none"}
	}
	return unknown{text: "is not a parameter of this request, which takes " + strings.Join(known, ", ")}
}

// unprintable says what no parameter may hold, and where it is.
func unprintable(value string) (string, int) {
	if !utf8.ValidString(value) {
		return "is not UTF-8", -1
	}
	for i, c := range []rune(value) {
		if unicode.IsControl(c) && !unicode.IsSpace(c) {
			return fmt.Sprintf("control character %U: leave it out", c), i
		}
	}
	return "", 0
}

func (s Schema) maxSize() int {
	if s.MaxSize <= 0 {
		return 1000
	}
	return s.MaxSize
}
