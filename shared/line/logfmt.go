package line

import (
	"bytes"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/go-logfmt/logfmt"
)

// Logfmt takes key=value pairs, as Heroku, Go kit, logrus, slog and many others write
// them: a line that begins with a key and its value. Time, level and message are found
// under their usual names, the rest are attributes; values are text. A key that comes twice has both values.
func Logfmt(dst, line []byte) ([]byte, bool) {
	if !utf8.Valid(line) || !beginsWithPair(line) {
		return dst, false
	}
	pairs, ok := logfmtPairs(line)
	if !ok {
		return dst, false
	}
	e, message, taken := begin(dst, takeTime(&pairs)), line, map[string]bool{}
	for _, p := range pairs {
		name, known := logfmtNames[p.key]
		switch {
		case !known || taken[name] || len(p.values) > 1 || absent(p.values[0]):
			e.attributeList(p.key, p.values)
			continue
		case name == "message":
			message = p.values[0]
		default:
			e.text(name, p.values[0])
		}
		taken[name] = true
	}
	return e.end(message), true
}

var logfmtNames = map[string]string{
	"level": "severity_text", "lvl": "severity_text", "severity": "severity_text", "msg": "message", "message": "message",
	"trace_id": "trace_id", "span_id": "span_id",
}

type pair struct {
	key    string
	values [][]byte
}

func logfmtPairs(line []byte) (pairs []pair, ok bool) {
	d := logfmt.NewDecoderSize(bytes.NewReader(line), len(line)+1)
	if !d.ScanRecord() {
		return nil, false
	}
	for d.ScanKeyval() {
		key, value := string(d.Key()), bytes.Clone(d.Value())
		if i := slices.IndexFunc(pairs, func(p pair) bool { return p.key == key }); i >= 0 {
			pairs[i].values = append(pairs[i].values, value)
			continue
		}
		pairs = append(pairs, pair{key, [][]byte{value}})
	}
	return pairs, d.Err() == nil
}

// beginsWithPair keeps a sentence with an equals sign in it from being one.
func beginsWithPair(line []byte) bool {
	i := bytes.IndexAny(line, "= \"")
	return i > 0 && line[i] == '='
}

// takeTime takes out the first pair that is the event's time; a time that is none of
// RFC 3339 stays an attribute.
func takeTime(pairs *[]pair) time.Time {
	for i, p := range *pairs {
		switch p.key {
		case "time", "ts", "timestamp", "t", "at":
			if at, err := time.Parse(time.RFC3339Nano, string(p.values[0])); err == nil {
				*pairs = slices.Delete(*pairs, i, i+1)
				return at
			}
		}
	}
	return time.Time{}
}

// attributeList keeps what is empty too: the line itself is not kept.
func (e *event) attributeList(name string, values [][]byte) {
	e.attributes = named(e.attributes, name)
	if len(values) == 1 {
		e.attributes = quoted(e.attributes, values[0])
		return
	}
	for i, v := range values {
		e.attributes = quoted(append(e.attributes, "[,"[min(i, 1)]), v)
	}
	e.attributes = append(e.attributes, ']')
}
