package query

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/rotation"
)

// A moment is the time that a text names, and how long it is: a bare date is the
// whole UTC day, a time without seconds the whole minute.
type moment struct{ start, end time.Time }

var (
	written = regexp.MustCompile(`^(\d{4}-\d\d)(-\d\d)?(?:[T ](\d\d)(:\d\d)?(:\d\d)?([.,]\d{1,9})?)?\s?(Z|[+-]\d\d(?::?\d\d)?|(?:\d\d:?\d\d))?$`)
	now     = regexp.MustCompile(`^now(?:([+-])(\d{1,9}[a-z]+))?$`)
	epoch   = regexp.MustCompile(`^\d{10}(\d{3})?$`)
)

const howToWrite = `write a date 2026-02-10 (UTC), a time 2026-02-10T08:30:00Z or with an offset +02:00 (in a URL: %2B02:00), or now-15m`

// readMoment understands dates, times with and without offset (a space before the
// offset was a plus in a URL), Unix seconds (10 digits) or milliseconds (13), and now.
func readMoment(text string, clock time.Time) (moment, *Mistake) {
	if m := now.FindStringSubmatch(text); m != nil {
		return nowMoment(m, clock)
	}
	if epoch.MatchString(text) {
		n, _ := strconv.ParseInt(text, 10, 64)
		if len(text) == 10 {
			return moment{time.Unix(n, 0).UTC(), time.Unix(n+1, 0).UTC()}, nil
		}
		return moment{time.UnixMilli(n).UTC(), time.UnixMilli(n + 1).UTC()}, nil
	}
	m := written.FindStringSubmatch(text)
	if m == nil || m[2] == "" && m[3] != "" || m[4] == "" && m[5]+m[6] != "" || m[5] == "" && m[6] != "" {
		return moment{}, wrong(-1, "%q is not a time: %s", text, howToWrite)
	}
	layout, unit := "2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }
	for i, part := range []struct {
		layout string
		length time.Duration
	}{{"-02", 24 * time.Hour}, {"T15", time.Hour}, {":04", time.Minute}, {":05", time.Second}} {
		if m[i+2] != "" {
			layout += part.layout
			unit = func(t time.Time) time.Time { return t.Add(part.length) }
		}
	}
	start, err := time.Parse(layout+"-07:00", clean(m))
	if err != nil {
		return moment{}, wrong(-1, "%q is not a time that exists: %s", text, howToWrite)
	}
	if m[6] != "" {
		start = start.Add(fraction(m[6][1:]))
		unit = func(t time.Time) time.Time { return t.Add(time.Millisecond) }
	}
	return moment{start.UTC(), unit(start).UTC()}, nil // a month is as long as where it was written
}

// clean writes what matched as date[Ttime]±hh:mm.
func clean(m []string) string {
	out, zone := m[1]+m[2], m[7]
	if m[3] != "" {
		out += "T" + m[3] + m[4] + m[5]
	}
	switch zone = strings.ReplaceAll(zone, ":", ""); {
	case zone == "" || zone == "Z":
		return out + "+00:00"
	case zone[0] != '+' && zone[0] != '-':
		zone = "+" + zone
	}
	if len(zone) == 3 {
		zone += "00"
	}
	return out + zone[:3] + ":" + zone[3:]
}

// fraction is a decimal fraction of a second, cut to the milliseconds that a date holds.
func fraction(digits string) time.Duration {
	n, _ := strconv.Atoi((digits + "00")[:3])
	return time.Duration(n) * time.Millisecond
}

// nowMoment is rounded down to the minute, so that the same question asked again is
// the same request to OpenSearch.
func nowMoment(m []string, clock time.Time) (moment, *Mistake) {
	t := clock.UTC()
	if m[1] != "" {
		d, err := rotation.ParseDuration(m[2])
		if err != nil {
			return moment{}, wrong(-1, "%v", err)
		}
		if m[1] == "-" {
			d = -d
		}
		t = t.Add(d)
	}
	t = t.Truncate(time.Minute)
	return moment{t, t.Add(time.Minute)}, nil
}

const wire = "2006-01-02T15:04:05.000Z"

// stamp is t as OpenSearch reads it: the end of 9999-12-31 has five digits.
func stamp(t time.Time) string {
	if t.Year() > 9999 {
		return "+" + t.Format(wire)
	}
	return t.Format(wire)
}
