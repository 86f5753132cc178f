// Package line turns a log line into a JSON document, by named formats. Field names
// are OpenTelemetry's, written flat ("url.path"), which OpenSearch reads like nested
// ones. A format refuses a line that is not exactly its own; text refuses none that is
// UTF-8. Called by ingest for collections with `lines`.
package line

import (
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Format appends line as a JSON object to dst; ok is false, and dst as it was, if the
// line is not of the format.
type Format func(dst, line []byte) (out []byte, ok bool)

// Formats are all there are, by name.
var formats = map[string]Format{
	"combined": Combined,
	"text":     Text,
}

// Named finds a format.
func Named(name string) (Format, bool) {
	f, ok := formats[name]
	return f, ok
}

// Text takes any line: {"message": line}.
func Text(dst, line []byte) ([]byte, bool) {
	if !utf8.Valid(line) {
		return dst, false
	}
	dst, _ = jsontext.AppendQuote(append(dst, `{"message":`...), line)
	return append(dst, '}'), true
}
