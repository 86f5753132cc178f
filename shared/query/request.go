package query

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Request is a search whose every part has been checked against its schema.
type Request struct {
	From, To time.Time // half-open range of the event's time; zero: open
	Size     int

	schema  Schema
	query   object // q as DSL
	filters []object
	sort    []order
	fields  []string
	offset  int
	clock   time.Time         // what "now" and since are counted from, on every page
	after   []json.RawMessage // sort values that the page begins behind
	seen    []string          // documents behind them that another page has shown
	binding []byte            // what a cursor of this search is bound to
}

// parameter is one query parameter and who reads it.
type parameter struct {
	name string
	most int // times it may be given
	read func(*reader, string)
}

// parameters are read in this order; a later one may rest on an earlier one.
var parameters = []parameter{
	{"cursor", 1, (*reader).readCursor},
	{"sort", 1, (*reader).readSort},
	{"q", 1, (*reader).readText},
	{"filter", maxFilters, (*reader).readFilter},
	{"from", 1, (*reader).readFrom},
	{"to", 1, (*reader).readTo},
	{"since", 1, (*reader).readSince},
	{"fields", 1, (*reader).readFields},
	{"size", 1, (*reader).readSize},
	{"offset", 1, (*reader).readOffset},
}

// reader fills a Request and notes what is wrong.
type reader struct {
	Request
	values   url.Values
	name     string // of the parameter being read
	mistakes Mistakes
}

func (r *reader) wrong(position int, format string, args ...any) {
	r.note(wrong(position, format, args...))
}

func (r *reader) note(m *Mistake) { r.mistakes = append(r.mistakes, m.in(r.name)) }

// Parameters are the names of a search's parameters.
func Parameters() []string { return names(parameters) }

func names(list []parameter) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.name
	}
	return out
}

// Read checks the parameters of a search. The error is Mistakes, all of them.
func Read(schema Schema, values url.Values, now time.Time) (Request, error) {
	r := newReader(schema, values, now)
	r.readAll(parameters)
	r.checkTime()
	r.checkWindow()
	return r.result()
}

// ReadDocument checks the parameters of the request for one document: fields.
func ReadDocument(schema Schema, values url.Values) (Request, error) {
	r := newReader(schema, values, time.Time{})
	r.readAll([]parameter{{"fields", 1, (*reader).readFields}})
	return r.result()
}

// Only refuses all parameters but these.
func Only(values url.Values, known ...string) error {
	r := newReader(Schema{}, values, time.Time{})
	var list []parameter
	for _, name := range known {
		list = append(list, parameter{name: name, most: 1, read: func(*reader, string) {}})
	}
	r.readAll(list)
	_, err := r.result()
	return err
}

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
	r.sort = r.defaultSort()
	r.refuseOthers(list)
	r.binding = bind(r.schema, r.values)
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

func (r *reader) notParameter(name string, list []parameter) string {
	known := names(list)
	if near := Nearest(name, known); near != "" {
		return fmt.Sprintf("is not a parameter of this request; did you mean %s?", near)
	}
	if _, ok := r.schema.field(name); ok && slices.Contains(known, "filter") {
		return fmt.Sprintf("is not a parameter of this request; did you mean filter=%s:value?", name)
	}
	if len(known) == 0 {
		return "is not a parameter of this request, which takes none"
	}
	return "is not a parameter of this request, which takes " + strings.Join(known, ", ")
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
