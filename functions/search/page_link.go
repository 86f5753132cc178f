package main

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// with is the page's address with one parameter more; paging begins again.
func (p page) with(name, value string) string {
	values := p.copy()
	if !slices.Contains(values[name], value) {
		values.Add(name, value)
	}
	return "?" + values.Encode()
}

// Without is the page's address without one filter.
func (p page) Without(filter string) string {
	values := p.copy()
	values["filter"] = slices.DeleteFunc(slices.Clone(values["filter"]), func(f string) bool { return f == filter })
	return "?" + values.Encode()
}

func (p page) copy() url.Values {
	values := maps.Clone(p.Values)
	if p.Now.Collection != nil {
		values.Set("collection", p.Now.Name)
	}
	values.Del("cursor")
	values.Del("offset")
	return values
}

// Next is the address of the page behind this one, empty if there is none.
func (p page) Next() string {
	if p.Result.next == "" {
		return ""
	}
	values := p.copy()
	values.Set("cursor", p.Result.next)
	return "?" + values.Encode()
}

// Self says what a form field holds.
func (p page) Self(name string) string { return p.Values.Get(name) }

// Timed says whether the collection has an event time.
func (p page) Timed() bool { return p.Now.schema.Time != "" }

// Ranges are what the form offers as since.
func (p page) Ranges() []choice {
	list := []choice{{"", "any time", false}, {"15m", "last 15 minutes", false}, {"1h", "last hour", false}, {"24h", "last 24 hours", false}, {"7d", "last 7 days", false}, {"30d", "last 30 days", false}}
	chosen := p.Values.Get("since")
	if chosen != "" && !slices.ContainsFunc(list, func(c choice) bool { return c.Value == chosen }) {
		list = append(list, choice{chosen, "last " + chosen, false})
	}
	for i := range list {
		list[i].Chosen = list[i].Value == chosen
	}
	return list
}

type choice struct {
	Value, Text string
	Chosen      bool
}

// Count is the headline: how many match, honest about what is not known.
func (p page) Count() string {
	n, word := digits(p.Result.total.Value), "documents"
	if p.Result.total.Value == 1 {
		word = "document"
	}
	if !p.Result.completeness.TotalIsExact {
		n = "at least " + n
	}
	return n + " " + word
}

// Reasons say why the answer is not complete.
func (p page) Reasons() []string { return p.Result.completeness.Reasons }

// Took is how long OpenSearch worked.
func (p page) Took() string { return fmt.Sprintf("%d ms", p.Result.took) }

// Faulty is a form field's text with the place of its mistake.
type Faulty struct{ Name, Before, At, After, Detail string }

// Faults are the request's mistakes, each with the text around it.
func (p page) Faults() []Faulty {
	var out []Faulty
	for _, m := range p.Problem.Errors {
		f := Faulty{Name: m.Parameter, Detail: m.Detail}
		if text := []rune(p.Values.Get(m.Parameter)); m.Position != nil && *m.Position <= len(text) {
			end := min(*m.Position+1, len(text))
			f.Before, f.At, f.After = string(text[:*m.Position]), string(text[*m.Position:end]), string(text[end:])
			if f.At == "" {
				f.At = " "
			}
		}
		out = append(out, f)
	}
	return out
}

// digits groups thousands.
func digits(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return strings.TrimPrefix(text, ",")
}
