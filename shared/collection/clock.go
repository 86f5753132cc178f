package collection

import (
	"bytes"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/mapping"
	"github.com/sluice-dev/sluice/shared/raw"
)

// Values of Time.Missing.
const missingArrival = "arrival"

const rfc3339 = "rfc3339"

// timeOf is the event's time. Where it is missing, it is the log event's or, if the
// collection says so, the arrival's, and body has it. A delete may do without: the index policy knows
// whether it needs one.
func (d *Documents) timeOf(f *finder, record Record, op change.Op, body []byte) (time.Time, []byte, error) {
	field := d.collection.Time.Field
	if kind := f.found[d.time].kind; kind != 0 && kind != raw.Null {
		value, ok := f.scalar(d.time)
		if ok {
			for _, format := range d.collection.Time.Formats {
				if t, ok := mapping.ParseTime(format, value); ok {
					return t, d.readable(f, t, format, body), nil
				}
			}
		}
		if op == change.Delete {
			return time.Time{}, body, nil
		}
		return time.Time{}, nil, &Flaw{"time_invalid", "time field " + strconv.Quote(field) + " has none of the collection's formats"}
	}
	switch {
	case record.Log != nil:
		return record.Log.Time, d.withTime(f, record.Log.Time, body), nil
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

func appendTime(dst []byte, format string, t time.Time) []byte {
	t = t.UTC()
	if places, number := mapping.Places(format); number {
		n := t.Unix()
		for range places {
			n *= 10
		}
		fraction := int64(t.Nanosecond())
		for range 9 - places {
			fraction /= 10
		}
		return strconv.AppendInt(dst, n+fraction, 10)
	}
	if format == rfc3339 {
		return mapping.AppendTime(dst, t)
	}
	return append(t.AppendFormat(append(dst, '"'), format), '"')
}
