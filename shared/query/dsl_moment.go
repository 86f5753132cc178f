package query

import (
	"regexp"
	"strconv"
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

// dateStyle is what stands around a date in a posted range.
type dateStyle struct {
	zone    *time.Location // of dates without an offset, and of rounding; nil: UTC
	seconds bool           // numbers are Unix seconds
}

var (
	dateMath = regexp.MustCompile(`^(?:now|(.{1,64}?)\|\|)((?:[+-]\d{0,6}[yMwdhHms]|/[yMwdhHms]){0,8})$`)
	mathStep = regexp.MustCompile(`([+-/])(\d*)([yMwdhHms])`)
	onlyYear = regexp.MustCompile(`^\d{4}$`)
	unzoned  = regexp.MustCompile(`^\d{4}-\d\d(-\d\d([T ][\d:.,]+)?)?$`)
)

// moment reads a date as q does, and as OpenSearch besides: milliseconds as a number,
// a year, and steps behind now or a date and two bars: now-1d/d, 2026-02-10||+1M/M.
func (b *bodyReader) moment(v *value, style dateStyle) (moment, bool) {
	if v.kind == raw.Number {
		return b.epoch(v, style)
	}
	if v.kind != raw.String {
		b.wrong(v, "is %s, not a time", v.describe())
		return moment{}, false
	}
	m, err := style.read(v.text, b.clock)
	if err != nil {
		b.wrong(v, "%s", err.Text)
		return moment{}, false
	}
	if y := m.start.Year(); y < 1 || m.end.Year() > 10000 || y > 9999 {
		b.wrong(v, "is outside the years 1 to 9999")
		return moment{}, false
	}
	return m, true
}

func (b *bodyReader) epoch(v *value, style dateStyle) (moment, bool) {
	n, err := strconv.ParseInt(v.text, 10, 64)
	unit := time.Millisecond
	if style.seconds {
		unit = time.Second
	}
	if most := int64(253402300799) * int64(time.Second/unit); err != nil || n > most || n < -most/5 {
		b.wrong(v, "is not a time: as a number, milliseconds since 1970 (seconds with format epoch_second)")
		return moment{}, false
	}
	start := time.UnixMilli(n).UTC()
	if style.seconds {
		start = time.Unix(n, 0).UTC()
	}
	return moment{start, start.Add(unit)}, true
}

func (s dateStyle) read(text string, clock time.Time) (moment, *Mistake) {
	m := dateMath.FindStringSubmatch(text)
	if m == nil {
		return s.plain(text, clock)
	}
	at := moment{clock.UTC(), clock.UTC()}
	if m[1] != "" {
		var err *Mistake
		if at, err = s.plain(m[1], clock); err != nil {
			return at, err
		}
	}
	rounded := false
	for _, step := range mathStep.FindAllStringSubmatch(m[2], -1) {
		if rounded = rounded || step[1] == "/"; step[1] == "/" {
			at.start = s.floor(at.start, step[3])
			at.end = shift(at.start.In(s.location()), 1, step[3]).UTC()
			continue
		}
		n := 1
		if step[2] != "" {
			n, _ = strconv.Atoi(step[2])
		}
		if step[1] == "-" {
			n = -n
		}
		at.start, at.end = shift(at.start, n, step[3]), shift(at.end, n, step[3])
	}
	if m[1] == "" && (!rounded || at.end.Sub(at.start) < time.Minute) { // so that the same question is the same request
		at.start = at.start.Truncate(time.Minute)
		at.end = at.start.Add(time.Minute)
	}
	return at, nil
}

// plain reads a date without steps, in the zone where it names none.
func (s dateStyle) plain(text string, clock time.Time) (moment, *Mistake) {
	if onlyYear.MatchString(text) {
		first, err := s.plain(text+"-01", clock)
		return moment{first.start, shift(first.start, 1, "y")}, err
	}
	if s.zone != nil && unzoned.MatchString(text) {
		text += time.Time{}.In(s.zone).Format("-07:00")
	}
	return readMoment(text, clock)
}

func (s dateStyle) location() *time.Location {
	if s.zone == nil {
		return time.UTC
	}
	return s.zone
}

// floor is the beginning of t's unit; a week begins on Monday.
func (s dateStyle) floor(t time.Time, unit string) time.Time {
	t = t.In(s.location())
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	switch unit {
	case "y":
		month, day, hour, minute, second = 1, 1, 0, 0, 0
	case "M":
		day, hour, minute, second = 1, 0, 0, 0
	case "w":
		day, hour, minute, second = day-(int(t.Weekday())+6)%7, 0, 0, 0
	case "d":
		hour, minute, second = 0, 0, 0
	case "h", "H":
		minute, second = 0, 0
	case "m":
		second = 0
	}
	return time.Date(year, month, day, hour, minute, second, 0, t.Location()).UTC()
}

// shift moves t by n units. A month on from the 31st is the last day of that month.
func shift(t time.Time, n int, unit string) time.Time {
	switch unit {
	case "y", "M":
		if unit == "y" {
			n *= 12
		}
		if out := t.AddDate(0, n, 0); out.Day() == t.Day() {
			return out
		}
		return t.AddDate(0, n, 0).AddDate(0, 0, -t.AddDate(0, n, 0).Day())
	case "w":
		return t.AddDate(0, 0, 7*n)
	case "d":
		return t.AddDate(0, 0, n)
	}
	length := map[string]time.Duration{"h": time.Hour, "H": time.Hour, "m": time.Minute, "s": time.Second}[unit]
	return t.Add(time.Duration(n) * length)
}
