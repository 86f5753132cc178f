package query

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

// calendar are the units of calendar_interval, at their shortest.
var calendar = map[string]time.Duration{
	"minute": time.Minute, "1m": time.Minute, "hour": time.Hour, "1h": time.Hour, "day": 24 * time.Hour, "1d": 24 * time.Hour,
	"week": 7 * 24 * time.Hour, "1w": 7 * 24 * time.Hour, "month": 28 * 24 * time.Hour, "1M": 28 * 24 * time.Hour,
	"quarter": 90 * 24 * time.Hour, "1q": 90 * 24 * time.Hour, "year": 365 * 24 * time.Hour, "1y": 365 * 24 * time.Hour,
}

var (
	fixed    = regexp.MustCompile(`^(\d{1,9})(ms|s|m|h|d)$`)
	timezone = regexp.MustCompile(`^(Z|UTC|GMT|[+-]\d\d:\d\d|[A-Z][A-Za-z_]{0,30}(/[A-Z][A-Za-z0-9_+-]{0,30}){1,2})$`)
	shifted  = regexp.MustCompile(`^[+-]?\d{1,6}(ms|s|m|h|d)$`)
)

func (b *bodyReader) readDateHistogram(v *value, a *Aggregation) {
	var missing *value
	bounds := func(v *value) { b.readDateBounds(v, a) }
	b.members(v, keys{
		"field":             b.aggregated(a, func(f Field) bool { return f.Type == "date" }, "dates; histogram is for numbers"),
		"calendar_interval": func(v *value) { b.readInterval(v, a) }, "fixed_interval": func(v *value) { b.readInterval(v, a) },
		"interval":  func(v *value) { b.readInterval(v, a) },
		"time_zone": b.patternOf(a.inner, timezone, "time zone: write Europe/Berlin, +02:00 or UTC"),
		"offset":    b.patternOf(a.inner, shifted, "offset: write +6h"), "format": b.textOf(a.inner, 64), "keyed": b.flagOf(a.inner),
		"min_doc_count": b.integerOf(a.inner, 0, 1<<30), "missing": func(v *value) { missing = v },
		"order": func(v *value) { a.order = v }, "extended_bounds": bounds, "hard_bounds": bounds,
	}, refusedEverywhere)
	b.needs(v, "field")
	if v.kind == raw.Object && a.interval == 0 && v.member("interval") == nil && v.member("calendar_interval") == nil && v.member("fixed_interval") == nil {
		b.wrong(v, `an interval is missing: "calendar_interval":"day" or "fixed_interval":"30m"`)
	}
	b.missingValue(a, missing)
}

// readInterval reads each of the three names; the old one, interval, becomes what it means.
func (b *bodyReader) readInterval(v *value, a *Aggregation) {
	text, ok := b.text(v, 32)
	if !ok {
		return
	}
	length, isCalendar := calendar[text]
	m := fixed.FindStringSubmatch(text)
	switch {
	case a.interval > 0:
		b.wrong(v, "is a second interval: leave one of them out")
	case isCalendar && v.name != "fixed_interval":
		a.inner["calendar_interval"] = text
	case m != nil && v.name != "calendar_interval":
		n, _ := strconv.Atoi(m[1])
		length = time.Duration(n) * map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[2]]
		if a.inner["fixed_interval"] = text; length <= 0 || length > 10*366*24*time.Hour {
			b.wrong(v, "is not from 1ms to ten years")
		}
	case v.name == "calendar_interval":
		b.wrong(v, "%q is none of minute, hour, day, week, month, quarter, year; a number of them is a fixed_interval", text)
	default:
		b.wrong(v, "%q is no length: write a number and ms, s, m, h or d, such as 30m; for months and years use calendar_interval", text)
	}
	a.interval = max(length, time.Millisecond)
}

func (b *bodyReader) patternOf(to object, pattern *regexp.Regexp, what string) func(*value) {
	return func(v *value) {
		if v.kind != raw.String || !pattern.MatchString(v.text) {
			b.wrong(v, "is no %s", what)
			return
		}
		to[v.name] = v.text
	}
}

func (b *bodyReader) readDateBounds(v *value, a *Aggregation) {
	bounds, s := object{}, span{}
	b.members(v, keys{
		"min": func(v *value) {
			if m, ok := b.moment(v, dateStyle{}); ok {
				s.from, bounds["min"] = m.start, m.start.UnixMilli()
			}
		},
		"max": func(v *value) {
			if m, ok := b.moment(v, dateStyle{}); ok {
				s.to, bounds["max"] = m.start, m.start.UnixMilli()
			}
		},
	}, nil)
	if a.inner[v.name] = bounds; v.name == "hard_bounds" {
		a.hard = s
	} else {
		a.extended = s
	}
}

func (b *bodyReader) readHistogram(v *value, a *Aggregation) {
	var missing *value
	interval, bounds := "", map[string][2]string{}
	bound := func(v *value) { bounds[v.name] = b.readNumberBounds(v, a) }
	b.members(v, keys{
		"field": b.aggregated(a, isNumber, "numbers; date_histogram is for dates"),
		"interval": func(v *value) {
			n, ok := b.positive(v)
			if f, _ := strconv.ParseFloat(v.text, 64); ok && f <= 0 {
				b.wrong(v, "must be more than 0")
			} else if ok {
				interval, a.inner["interval"] = v.text, n
			}
		},
		"offset": func(v *value) { put(a.inner, v, b.number) }, "keyed": b.flagOf(a.inner), "format": b.textOf(a.inner, 64),
		"min_doc_count": b.integerOf(a.inner, 0, 1<<30), "missing": func(v *value) { missing = v },
		"order": func(v *value) { a.order = v }, "extended_bounds": bound, "hard_bounds": bound,
	}, refusedEverywhere)
	b.needs(v, "field", "interval")
	b.missingValue(a, missing)
	if offset := v.member("offset"); offset != nil && math.Abs(approximately(offset.text)) > approximately(interval) {
		b.wrong(offset, "is more than the interval")
	}
	if len(b.mistakes) == 0 {
		b.countNumbers(a, bounds["hard_bounds"], bounds["extended_bounds"], interval)
	}
}

func (b *bodyReader) readNumberBounds(v *value, a *Aggregation) (pair [2]string) {
	bounds := object{}
	end := func(i int) func(*value) {
		return func(v *value) {
			if n, ok := b.number(v); ok {
				bounds[v.name], pair[i] = n, v.text
			}
		}
	}
	b.members(v, keys{"min": end(0), "max": end(1)}, nil)
	a.inner[v.name] = bounds
	return pair
}

func (b *bodyReader) readRangeAgg(v *value, a *Aggregation) {
	b.readRanges(v, a, isNumber, "numbers; date_range is for dates", nil, func(v *value) (any, bool) {
		n, ok := b.number(v)
		return n, ok
	})
}

func (b *bodyReader) readDateRangeAgg(v *value, a *Aggregation) {
	var style dateStyle
	if zone := v.member("time_zone"); zone != nil {
		b.readOffsetOf(zone, &style)
	}
	format := "strict_date_optional_time"
	more := keys{
		"time_zone": b.textOf(a.inner, 64),
		"format": func(v *value) {
			if text, ok := b.text(v, 64); ok {
				format = text + "||" + format // the first writes, each reads
			}
		},
	}
	b.readRanges(v, a, func(f Field) bool { return f.Type == "date" }, "dates; range is for numbers", more, func(v *value) (any, bool) {
		m, ok := b.moment(v, style)
		return stamp(m.start), ok
	})
	a.inner["format"] = strings.TrimSpace(format)
}

// readRanges reads ranges with their ends, from taken in and to not.
func (b *bodyReader) readRanges(v *value, a *Aggregation, fits func(Field) bool, what string, more keys, end func(*value) (any, bool)) {
	all := []object{}
	var missing *value
	known := keys{
		"field": b.aggregated(a, fits, what), "keyed": b.flagOf(a.inner), "missing": func(v *value) { missing = v },
		"ranges": func(v *value) {
			if v.kind != raw.Array || len(v.items) == 0 || len(v.items) > maxRanges {
				b.wrong(v, "is not an array of 1 to %d ranges", maxRanges)
				return
			}
			for _, one := range v.items {
				inner := object{}
				ends := func(v *value) { put(inner, v, end) }
				b.members(one, keys{"from": ends, "to": ends, "key": b.textOf(inner, 128)}, nil)
				if inner["from"] == nil && inner["to"] == nil && len(b.mistakes) == 0 {
					b.wrong(one, "has neither from nor to")
				}
				all = append(all, inner)
			}
		},
	}
	for name, read := range more {
		known[name] = read
	}
	b.members(v, known, refusedEverywhere)
	b.needs(v, "field", "ranges")
	b.missingValue(a, missing)
	a.inner["ranges"], a.Buckets = all, len(all)
}
