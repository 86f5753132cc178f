package main

import (
	"slices"

	"github.com/sluice-dev/sluice/shared/rotation"
)

// timed says whether the collection has an event time.
func (p page) timed() bool { return p.Now.Collection != nil && p.Now.schema.Time != "" }

// choice is a length of time that the form offers.
type choice struct{ value, text string }

func (p page) ranges() []choice {
	list := []choice{
		{"", "any time"}, {"15m", "last 15 minutes"}, {"1h", "last hour"}, {"24h", "last 24 hours"},
		{"7d", "last 7 days"}, {"30d", "last 30 days"},
	}
	if most := p.Now.schema.MaxRange; most > 0 { // fill searches that far when nothing is chosen
		list[0].text = "last " + p.Now.Search.MaxRange
		list = slices.DeleteFunc(list, func(c choice) bool {
			d, err := rotation.ParseDuration(c.value)
			return err == nil && d >= most
		})
	}
	chosen := p.Values.Get("since")
	if !slices.ContainsFunc(list, func(c choice) bool { return c.value == chosen }) {
		list = append(list, choice{chosen, "last " + chosen})
	}
	return list
}

// count is the headline: how many match, honest about what is not known.
func (p page) count() string {
	text := digits(p.Result.total.Value) + " documents"
	if p.Result.total.Value == 1 {
		text = "1 document"
	}
	if !p.Result.completeness.TotalIsExact {
		return "at least " + text
	}
	return text
}

// faulty is a parameter's text with the place of its mistake.
type faulty struct{ name, before, at, after, detail string }

func (p page) faults() []faulty {
	var out []faulty
	for _, m := range p.Problem.Errors {
		f := faulty{name: m.Parameter, detail: m.Detail}
		if text := []rune(p.Values.Get(m.Parameter)); m.Position != nil && *m.Position <= len(text) {
			end := min(*m.Position+1, len(text))
			f.before, f.at, f.after = string(text[:*m.Position]), string(text[*m.Position:end]), string(text[end:])
			if f.at == "" {
				f.at = "␣"
			}
		}
		out = append(out, f)
	}
	return out
}
