package envelope

import (
	"strconv"
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

// appendDate writes days or ticks since 1970 as OpenSearch and people read them. Years
// out of 0001 to 9999, as PostgreSQL's infinity makes them, have no such form.
func appendDate(dst, value []byte, form Form) ([]byte, verdict) {
	if kind(value) == raw.String { // a text is a date already
		if special(string(raw.Text(value))) {
			return dst, formless
		}
		return append(dst, value...), exact
	}
	n, ok := integer(value)
	if !ok {
		return dst, unfit
	}
	t, layout := instant(n, form)
	if t.Year() < 1 || t.Year() > 9999 {
		return dst, formless
	}
	return append(t.AppendFormat(append(dst, '"'), layout), '"'), exact
}

func instant(n int64, form Form) (t time.Time, layout string) {
	switch form {
	case Days:
		if n > 4e6 || n < -4e6 { // past either end; the product would overflow
			return time.Time{}.AddDate(-1, 0, 0), ""
		}
		return time.Unix(n*86400, 0).UTC(), time.DateOnly
	case Millis:
		return time.UnixMilli(n).UTC(), "2006-01-02T15:04:05.000Z07:00"
	case Micros:
		return time.UnixMicro(n).UTC(), "2006-01-02T15:04:05.000000Z07:00"
	}
	return time.Unix(0, n).UTC(), "2006-01-02T15:04:05.000000000Z07:00"
}

// appendTime writes a time of day, or MySQL's TIME, which may be negative and long.
func appendTime(dst, value []byte, form Form) ([]byte, verdict) {
	n, ok := integer(value)
	if kind(value) == raw.String || !ok {
		return append(dst, value...), exact
	}
	perSecond, digits := int64(1000), 3
	switch form {
	case TimeMicros:
		perSecond, digits = 1e6, 6
	case TimeNanos:
		perSecond, digits = 1e9, 9
	}
	dst = append(dst, '"')
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	if n < 0 {
		return dst[:len(dst)-2], unfit
	}
	seconds, part := n/perSecond, n%perSecond
	dst = two(dst, seconds/3600)
	dst = two(append(dst, ':'), seconds/60%60)
	dst = two(append(dst, ':'), seconds%60)
	if part > 0 {
		fraction := strconv.FormatInt(part+perSecond, 10)[1:]
		dst = append(append(dst, '.'), fraction[:digits]...)
	}
	return append(dst, '"'), exact
}

func two(dst []byte, n int64) []byte {
	if n < 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, n, 10)
}
