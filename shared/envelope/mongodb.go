package envelope

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

// mongoDocument is a document of MongoDB's, which comes as JSON text, with its extended
// values ({"$oid": ...}) as plain ones. An index refuses a field _id: it becomes id.
func mongoDocument(image []byte) (document []byte, blanks int, err error) {
	text := image
	if kind(image) == raw.String {
		text = raw.Text(image)
	}
	var r raw.Reader
	r.Strict(text)
	if r.Kind() != raw.Object {
		return nil, 0, &Flaw{"column_unreadable", "the document is not JSON text"}
	}
	if member(text, "id") != nil {
		return nil, 0, &Flaw{"id_ambiguous", "the document has both _id and id, and _id becomes id: rename the other in the database, or by ExtractNewDocumentState and a transform"}
	}
	m := mongoReader{Reader: &r}
	document, err = m.object(make([]byte, 0, len(text)), true)
	if err == nil {
		err = r.End()
	}
	if _, flaw := errors.AsType[*Flaw](err); err != nil && !flaw {
		err = &Flaw{"column_unreadable", "the document is not JSON text: " + raw.Explain(err)}
	}
	return document, m.blanks, err
}

type mongoReader struct {
	*raw.Reader
	blanks int
}

func (m *mongoReader) value(dst []byte) (_ []byte, err error) {
	switch m.Kind() {
	case raw.Object:
		return m.object(dst, false)
	case raw.Array:
		dst = append(dst, '[')
		first := len(dst)
		err = m.Array(func() error {
			if len(dst) > first {
				dst = append(dst, ',')
			}
			dst, err = m.value(dst)
			return err
		})
		return append(dst, ']'), err
	}
	value, err := m.Value()
	return append(dst, value...), err
}

func (m *mongoReader) object(dst []byte, outermost bool) ([]byte, error) {
	start := len(dst)
	var special string
	var inner []byte
	o := object{out: dst}
	n := 0
	err := m.Object(func(name []byte) (err error) {
		n++
		if n == 1 && !outermost && extended[string(name)] != nil {
			special = string(name)
			inner, err = m.Value()
			return err
		}
		if special != "" { // $options, $type, $scope
			return m.Skip()
		}
		if outermost && string(name) == "_id" {
			name = name[1:]
		}
		o.name(name)
		o.out, err = m.value(o.out)
		return err
	})
	if special == "" || err != nil {
		return o.end(), err
	}
	out, verdict := extended[special](dst[:start], inner)
	switch verdict {
	case formless:
		m.blanks++
		return append(dst[:start], "null"...), nil
	case unfit:
		return nil, &Flaw{"column_unreadable", fmt.Sprintf("%s holds %s, which does not fit it", special, describe(inner))}
	}
	return out, nil
}

// extended are the values that MongoDB's extended JSON writes as objects, in each of its
// forms (canonical, relaxed, strict).
var extended = map[string]func(dst, value []byte) ([]byte, verdict){
	"$oid": asText, "$uuid": asText, "$symbol": asText, "$code": asText, "$regex": asText,
	"$numberInt": asNumber, "$numberLong": asNumber, "$numberDouble": asNumber,
	"$numberDecimal":     asDecimal,
	"$date":              asDate,
	"$timestamp":         func(dst, value []byte) ([]byte, verdict) { return asInstant(dst, member(value, "t"), 1000) },
	"$binary":            asBinary,
	"$regularExpression": func(dst, value []byte) ([]byte, verdict) { return asText(dst, member(value, "pattern")) },
	"$undefined":         asNull, "$minKey": asNull, "$maxKey": asNull,
}

func asText(dst, value []byte) ([]byte, verdict) {
	if kind(value) != raw.String {
		return dst, unfit
	}
	return append(dst, value...), exact
}

func asNull(dst, _ []byte) ([]byte, verdict) { return dst, formless }

func asNumber(dst, value []byte) ([]byte, verdict) {
	literal := text(value)
	switch {
	case special(literal):
		return dst, formless
	case kind([]byte(literal)) != raw.Number || !json.Valid([]byte(literal)):
		return dst, unfit
	}
	return append(dst, literal...), exact
}

// asDecimal keeps every digit, as of any decimal.
func asDecimal(dst, value []byte) ([]byte, verdict) {
	out, v := asNumber(dst, value)
	if v != exact {
		return out, v
	}
	return append(append(append(dst, '"'), text(value)...), '"'), exact
}

// asDate reads milliseconds, {"$numberLong": milliseconds} or RFC 3339.
func asDate(dst, value []byte) ([]byte, verdict) {
	switch kind(value) {
	case raw.Object:
		return asInstant(dst, member(value, "$numberLong"), 1)
	case raw.Number:
		return asInstant(dst, value, 1)
	}
	t, err := time.Parse(time.RFC3339, text(value))
	if err != nil {
		return dst, unfit
	}
	return appendDate(dst, fmt.Append(nil, t.UnixMilli()), Millis)
}

func asInstant(dst, value []byte, millis int64) ([]byte, verdict) {
	n, ok := integer(value)
	if !ok || n > 1<<52 || n < -1<<52 {
		return dst, unfit
	}
	return appendDate(dst, fmt.Append(nil, n*millis), Millis)
}

// asBinary reads base64, or {"base64": ..., "subType": ...}.
func asBinary(dst, value []byte) ([]byte, verdict) {
	if kind(value) == raw.Object {
		value = member(value, "base64")
	}
	if _, err := base64.StdEncoding.DecodeString(text(value)); err != nil || kind(value) != raw.String {
		return dst, unfit
	}
	return append(dst, value...), exact
}
