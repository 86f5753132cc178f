package mapping

import (
	"slices"
	"strconv"
	"time"
)

// Formats of dates that are names; everything else is a Go layout.
var Formats = []string{rfc3339, "unix", "unix_ms", "unix_us", "unix_ns"}

const rfc3339 = "rfc3339"

// Places is how many decimals a second has in a format that is a number.
func Places(format string) (int, bool) {
	i := slices.Index(Formats, format) - 1
	return 3 * i, i >= 0
}

// ParseTime reads text, or a number's literal, in a format; numbers to the nanosecond.
func ParseTime(format string, text []byte) (time.Time, bool) {
	if format == rfc3339 {
		var t time.Time
		err := t.UnmarshalText(text)
		return inCalendar(t, err == nil)
	}
	if places, number := Places(format); number {
		return parseUnix(text, places)
	}
	t, err := time.Parse(format, string(text))
	return inCalendar(t, err == nil)
}

func parseUnix(text []byte, places int) (time.Time, bool) {
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		second, nano := powers[places], powers[9-places]
		return inCalendar(time.Unix(n/second, n%second*nano), true)
	}
	d, ok := parseDecimal(text)
	if !ok {
		return time.Time{}, false
	}
	d = d.shift(-places)
	if len(d.whole) > 12 {
		return time.Time{}, false
	}
	seconds, _ := strconv.ParseInt("0"+string(d.whole), 10, 64)
	nanos, _ := strconv.ParseInt((string(d.part) + "000000000")[:9], 10, 64)
	if d.negative {
		seconds, nanos = -seconds, -nanos
	}
	return inCalendar(time.Unix(seconds, nanos), true)
}

var powers = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// inCalendar refuses years that RFC 3339 cannot write, and no index is named for.
func inCalendar(t time.Time, ok bool) (time.Time, bool) {
	t = t.UTC()
	return t, ok && t.Year() >= 0 && t.Year() <= 9999
}

// AppendTime writes t as RFC 3339 in quotes: to the millisecond, or all of it.
func AppendTime(dst []byte, t time.Time) []byte {
	layout := `"2006-01-02T15:04:05.000Z07:00"`
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		layout = `"2006-01-02T15:04:05.000000000Z07:00"`
	}
	return t.UTC().AppendFormat(dst, layout)
}

// IsFormat says whether format is a name, or a layout in which a day survives being
// written and read.
func IsFormat(format string) bool {
	day := time.Date(2031, time.October, 24, 0, 0, 0, 0, time.UTC)
	back, err := time.Parse(format, day.Format(format))
	return slices.Contains(Formats, format) || err == nil && back.Equal(day)
}

// toDate reads a value in the first format that fits.
func toDate(formats []string) func(dst, value []byte) ([]byte, bool) {
	return func(dst, value []byte) ([]byte, bool) {
		for _, format := range formats {
			if t, ok := ParseTime(format, text(value)); ok {
				return AppendTime(dst, t), true
			}
		}
		return dst, false
	}
}
