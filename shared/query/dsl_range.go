package query

import (
	"slices"
	"strings"
	"time"
)

func (b *bodyReader) readRange(v *value) Clause {
	name, ok := b.only(v, "a field's")
	if !ok {
		return Clause{}
	}
	f, ok := b.searchable(name, name.name)
	if ok && slices.Contains(unordered, f.Type) {
		b.wrong(name, "%s (%s) has no order: ranges are for numbers, dates, addresses and keywords", name.name, f.Type)
	}
	var style dateStyle
	more, bounds := object{}, map[string]*value{}
	keep := func(v *value) { bounds[v.name] = v }
	b.members(name, keys{
		"gte": keep, "gt": keep, "lte": keep, "lt": keep, "boost": b.boost(more),
		"format":    func(v *value) { b.readFormat(v, f, &style) },
		"time_zone": func(v *value) { b.readOffsetOf(v, &style) },
	}, refusedInRange)
	for _, pair := range [][2]string{{"gte", "gt"}, {"lte", "lt"}} {
		if bounds[pair[0]] != nil && bounds[pair[1]] != nil {
			b.wrong(bounds[pair[1]], "is given beside %s: leave one of them out", pair[0])
		}
	}
	if !ok {
		return Clause{}
	}
	c := Clause{Fields: []string{name.name}, Values: 1}
	if f.Type == "date" {
		c.span, c.dsl = b.dateRange(name.name, bounds, style, more)
	} else {
		c.dsl = b.plainRange(name.name, f, bounds, more)
	}
	return c
}

// dateRange makes every range half-open, as that of q is.
func (b *bodyReader) dateRange(name string, bounds map[string]*value, style dateStyle, more object) (*span, object) {
	s := span{}
	for key, v := range bounds {
		m, ok := b.moment(v, style)
		if !ok {
			continue
		}
		switch key {
		case "gte":
			s.from = m.start
		case "gt":
			s.from = m.end
		case "lte":
			s.to = m.end
		case "lt":
			s.to = m.start
		}
	}
	if len(bounds) == 0 {
		return nil, object{"exists": object{"field": name}}
	}
	return &s, with(dates(name, bound(s.from), bound(s.to)), "range", name, more)
}

func (b *bodyReader) plainRange(name string, f Field, bounds map[string]*value, more object) object {
	inner := object{}
	for key, v := range bounds {
		literal, ok := b.literal(v, name, f)
		if ok && f.Type == "ip" && strings.Contains(v.text, "/") {
			b.wrong(v, "a bound of %s (ip) is one address; a term finds the block", name)
		}
		if inner[key] = literal; zero(f.Type, v.text) {
			inner[key] = zeros[key]
		}
	}
	if len(inner) == 0 {
		return object{"exists": object{"field": name}}
	}
	return with(object{"range": object{name: inner}}, "range", name, more)
}

// knownFormats are the names of formats that dates are read in anyway.
var knownFormats = []string{
	"strict_date_optional_time", "date_optional_time", "strict_date_time", "date_time", "strict_date_time_no_millis", "date_time_no_millis",
	"strict_date", "date", "strict_year_month", "year_month", "strict_year", "year", "epoch_millis", "epoch_second", "strict_date_hour_minute_second", "date_hour_minute_second",
	"yyyy", "yyyy-MM", "yyyy-MM-dd", "uuuu-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'",
}

// readFormat takes the formats that say no more than what is read in any case.
func (b *bodyReader) readFormat(v *value, f Field, style *dateStyle) {
	text, ok := b.text(v, 200)
	if !ok {
		return
	}
	if f.Type != "" && f.Type != "date" {
		b.wrong(v, "only a date has a format")
	}
	for one := range strings.SplitSeq(text, "||") {
		if !slices.Contains(knownFormats, one) {
			b.wrong(v, "%q is not read here: %s", one, howToWrite)
		}
		style.seconds = style.seconds || one == "epoch_second"
	}
}

// readOffsetOf reads a time zone that is an offset: names of places would need a table of
// them, which a function would have to carry.
func (b *bodyReader) readOffsetOf(v *value, style *dateStyle) {
	text, ok := b.text(v, 64)
	if !ok {
		return
	}
	if text == "Z" || text == "UTC" {
		return
	}
	t, err := time.Parse("-07:00", text)
	if err != nil {
		b.wrong(v, "%q is no offset: write +02:00 or Z, or the offset behind each time", short(text, 40))
		return
	}
	style.zone = t.Location()
	_, offset := t.Zone()
	style.zone = time.FixedZone("", offset)
}
