package collection

import (
	"bytes"
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/raw"
)

// Values of Time.Missing.
const missingArrival = "arrival"

const rfc3339 = "rfc3339"

// timeOf is the event's time. Where it is missing and the collection says so, it is
// the arrival's, and body has it. A delete may do without: the index policy knows
// whether it needs one.
func (d *Documents) timeOf(f *finder, record Record, op change.Op, body []byte) (time.Time, []byte, error) {
	field := d.collection.Time.Field
	if kind := f.found[d.time].kind; kind != 0 && kind != raw.Null {
		value, ok := f.scalar(d.time)
		if ok {
			for _, format := range d.collection.Time.Formats {
				if t, ok := parseTime(format, value); ok {
					return t, d.readable(f, t, format, body), nil
				}
			}
		}
		return time.Time{}, nil, &Flaw{"time_invalid", "time field " + strconv.Quote(field) + " has none of the collection's formats"}
	}
	switch {
	case d.collection.Time.Missing == missingArrival && !record.Arrived.IsZero():
		return record.Arrived, d.withTime(f, record.Arrived, body), nil
	case op == change.Delete:
		return time.Time{}, body, nil
	}
	return time.Time{}, nil, &Flaw{"time_missing", "time field " + strconv.Quote(field) + " is missing"}
}

// readable is body with its time as the field's mapping reads it. Where the collection
// says how its date is written, and for what every date field reads, that is body itself.
// Otherwise OpenSearch would refuse the time, or take seconds for milliseconds.
func (d *Documents) readable(f *finder, t time.Time, format string, body []byte) []byte {
	if d.stored() != rfc3339 || format == rfc3339 || format == "unix_ms" {
		return body
	}
	return d.withTime(f, t, body)
}

// stored is the format of a time that we write: the collection's first one if the field's
// mapping has a format of its own, which is the same in OpenSearch's words.
func (d *Documents) stored() string {
	if t := d.collection.Time; d.collection.Fields[t.Field].Format != "" {
		return t.Formats[0]
	}
	return rfc3339
}

// withTime puts t into body: in the place of its value, else as its first member.
func (d *Documents) withTime(f *finder, t time.Time, body []byte) []byte {
	out := make([]byte, 0, len(body)+len(d.collection.Time.Field)+48)
	if s := f.found[d.time]; s.kind != 0 {
		out = appendTime(append(out, body[:s.start]...), d.stored(), t)
		return append(out, body[s.end:]...)
	}
	out, _ = jsontext.AppendQuote(append(out, '{'), d.collection.Time.Field)
	out = appendTime(append(out, ':'), d.stored(), t)
	if f.members > 0 {
		out = append(out, ',')
	}
	return append(out, body[bytes.IndexByte(body, '{')+1:]...)
}

// units of the numeric formats, in nanoseconds.
func unit(format string) (int64, bool) {
	switch format {
	case "unix":
		return int64(time.Second), true
	case "unix_ms":
		return int64(time.Millisecond), true
	case "unix_us":
		return int64(time.Microsecond), true
	case "unix_ns":
		return 1, true
	}
	return 0, false
}

func parseTime(format string, value []byte) (time.Time, bool) {
	if format == rfc3339 {
		var t time.Time
		err := t.UnmarshalText(value)
		return t, err == nil
	}
	if unit, ok := unit(format); ok {
		return parseUnix(value, unit)
	}
	t, err := time.Parse(format, string(value))
	return t, err == nil
}

// parseUnix reads whole numbers exactly, and others (seconds with a fraction) to the
// float's precision. Years beyond 9999 are no times that an index can be named for.
func parseUnix(value []byte, unit int64) (time.Time, bool) {
	perSecond := int64(time.Second) / unit
	var t time.Time
	if n, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		t = time.Unix(n/perSecond, n%perSecond*unit)
	} else {
		x, err := strconv.ParseFloat(string(value), 64)
		if err != nil || !(math.Abs(x) < math.MaxInt64) { // nor is NaN a time
			return t, false
		}
		whole, part := math.Modf(x / float64(perSecond))
		t = time.Unix(int64(whole), int64(math.Round(part*1e9)))
	}
	t = t.UTC()
	return t, t.Year() >= 0 && t.Year() <= 9999
}

func appendTime(dst []byte, format string, t time.Time) []byte {
	t = t.UTC()
	if unit, ok := unit(format); ok {
		perSecond := int64(time.Second) / unit
		return strconv.AppendInt(dst, t.Unix()*perSecond+int64(t.Nanosecond())/unit, 10)
	}
	if format == rfc3339 {
		format = "2006-01-02T15:04:05.000Z07:00"
		if t.Nanosecond()%int(time.Millisecond) != 0 {
			format = "2006-01-02T15:04:05.000000000Z07:00"
		}
	}
	return append(t.AppendFormat(append(dst, '"'), format), '"')
}
