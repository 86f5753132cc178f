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
// under their usual names, the rest are attributes; values are text. A key that comes twice
// has both values.
func Logfmt(dst, line []byte) ([]byte, bool) {
	if !utf8.Valid(line) || !beginsWithPair(line) || severalLines(line) {
		return dst, false
	}
	found, ok := logfmtPairs(line)
	if !ok {
		return dst, false
	}
	at, rest := takeTime(found.all)
	e, message, taken := begin(dst, at), line, map[string]bool{}
	for _, p := range rest {
		name, known := logfmtNames[p.key]
		switch {
		case !known || taken[name] || len(p.values) > 1 || absent(p.values[0]):
			e.pair(p)
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

func logfmtPairs(line []byte) (found pairs, ok bool) {
	d := logfmt.NewDecoderSize(bytes.NewReader(line), len(line)+1)
	if !d.ScanRecord() {
		return found, false
	}
	for d.ScanKeyval() {
		found.add(string(d.Key()), bytes.Clone(d.Value()))
	}
	return found, d.Err() == nil
}

// beginsWithPair keeps a sentence with an equals sign in it from being one.
func beginsWithPair(line []byte) bool {
	i := bytes.IndexAny(line, "= \"")
	return i > 0 && line[i] == '='
}

// severalLines are no line: the reader would stop behind the first.
func severalLines(text []byte) bool { return bytes.IndexByte(bytes.TrimRight(text, "\r\n"), '\n') >= 0 }

// takeTime takes out the first pair that is the event's time; a time that is none of
// RFC 3339, or comes twice, stays an attribute.
func takeTime(all []pair) (at time.Time, rest []pair) {
	for i, p := range all {
		switch p.key {
		case "time", "ts", "timestamp", "t", "at":
			if at, err := time.Parse(time.RFC3339Nano, string(p.values[0])); err == nil && len(p.values) == 1 {
				return at, slices.Delete(all, i, i+1)
			}
		}
	}
	return at, all
}
