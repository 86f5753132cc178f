package main

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// figures are shown of numbers and dates in this order; percentiles by their names.
var figures = []struct{ name, percentile string }{
	{"lowest", ""}, {"highest", ""}, {"average", ""}, {"median", "50"}, {"5 %", "5"}, {"95 %", "95"}, {"25 %", "25"}, {"75 %", "75"}, {"1 %", "1"}, {"99 %", "99"},
}

// html is what a field's values are as a whole.
func (s *fieldStats) html() markup {
	if s == nil {
		return ""
	}
	var out markup
	figure := func(name string, value markup) {
		out += when(value != "", func() markup { return tag(`<div><dt>%s</dt><dd>%s</dd></div>`, name, value) })
	}
	if s.Percentiles != nil {
		for _, f := range figures {
			switch f.name {
			case "lowest":
				figure(f.name, s.value(s.Min))
			case "highest":
				figure(f.name, s.value(s.Max))
			case "average":
				figure(f.name, s.rounded(s.Avg))
			default:
				figure(f.name, s.rounded(s.Percentiles[f.percentile]))
			}
		}
	}
	figure("distinct", tag(`%s`, s.distinct()))
	figure("missing", tag(`%s`, digits(s.Missing)))
	note := when(s.Percentiles != nil, func() markup { return `<p>Percentiles are estimates.</p>` })
	return tag(`<dl class="stats" aria-label="Statistics of %s">%s</dl>`, s.Field, out) + note
}

// exactly is as many distinct values as OpenSearch counts one by one.
const exactly = 100

func (s *fieldStats) distinct() string {
	if s.Cardinality > exactly {
		return "about " + digits(s.Cardinality)
	}
	return digits(s.Cardinality)
}

// value is one of the field's own values, with every digit.
func (s *fieldStats) value(raw json.RawMessage) markup {
	switch {
	case len(raw) == 0:
		return ""
	case s.Type == "date":
		return moment(plain(raw))
	}
	return tag(`<bdi>%s</bdi>`, plain(raw))
}

// rounded is a value that was calculated: no more digits than mean something.
func (s *fieldStats) rounded(raw json.RawMessage) markup {
	n, err := strconv.ParseFloat(string(raw), 64)
	if s.Type == "date" || err != nil {
		return s.value(raw)
	}
	places := 2
	if size := math.Abs(n); size > 0 && size < 1 {
		places = 3 - int(math.Floor(math.Log10(size)))
	}
	text := strconv.FormatFloat(n, 'f', min(places, 12), 64)
	return tag(`%s`, strings.TrimSuffix(strings.TrimRight(text, "0"), "."))
}
