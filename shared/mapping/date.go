package mapping

import (
	"slices"
	"strconv"
	"time"
)

// dates are the formats that are names, and for numbers how many decimals a second
// has; everything else is a Go layout.
var dates = map[string]int{"rfc3339": 0, "unix": 0, "unix_ms": 3, "unix_us": 6, "unix_ns": 9}

var dateNames = []string{"rfc3339", "unix", "unix_ms", "unix_us", "unix_ns"}

// toDate reads a value in the first format that fits and writes it in RFC 3339.
func toDate(formats []string) func(dst, value []byte) ([]byte, bool) {
	return func(dst, value []byte) ([]byte, bool) {
		for _, format := range formats {
			if t, ok := parseDate(format, text(value)); ok {
				return appendDate(dst, t), true
			}
		}
		return dst, false
	}
}

func parseDate(format string, text []byte) (time.Time, bool) {
	switch format {
	case "rfc3339":
		var t time.Time
		err := t.UnmarshalText(text)
		return inCalendar(t, err == nil)
	case "unix", "unix_ms", "unix_us", "unix_ns":
		return parseUnix(text, dates[format])
	}
	t, err := time.Parse(format, string(text))
	return inCalendar(t, err == nil)
}

// parseUnix reads a number, of which ten to the power of places make a second, to the
// nanosecond.
func parseUnix(text []byte, places int) (time.Time, bool) {
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

// inCalendar refuses years that RFC 3339 cannot write.
func inCalendar(t time.Time, ok bool) (time.Time, bool) {
	t = t.UTC()
	return t, ok && t.Year() >= 0 && t.Year() <= 9999
}

func appendDate(dst []byte, t time.Time) []byte {
	layout := `"2006-01-02T15:04:05.000Z07:00"`
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		layout = `"2006-01-02T15:04:05.000000000Z07:00"`
	}
	return t.AppendFormat(dst, layout)
}

// isLayout says whether a day survives being written and read in the layout.
func isLayout(layout string) bool {
	day := time.Date(2031, time.October, 24, 0, 0, 0, 0, time.UTC)
	back, err := time.Parse(layout, day.Format(layout))
	return err == nil && back.Equal(day)
}

func isDate(format string) bool { return slices.Contains(dateNames, format) || isLayout(format) }
