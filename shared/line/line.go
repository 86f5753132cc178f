// Package line turns a log line into a JSON document, by named formats. Field names
// are OpenTelemetry's, written flat ("url.path"), which OpenSearch reads like nested
// ones; what has no such name goes into "attributes" (what is measured, under the format's
// name), and the line itself, or the message in it, is "message". A format refuses a line that is not exactly its own; text refuses none
// that is UTF-8. Called by ingest for collections with `lines`.
package line

import (
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Format appends line as a JSON object to dst; ok is false, and dst as it was, if the
// line is not of the format. A line that holds no event, such as a file's heading, is
// taken and adds nothing.
type Format func(dst, line []byte) (out []byte, ok bool)

// Formats are all there are, by name.
var formats = map[string]Format{
	"alb":        ALB,
	"cloudfront": CloudFront,
	"cloudtrail": CloudTrail,
	"combined":   Combined,
	"logfmt":     Logfmt,
	"syslog":     Syslog,
	"text":       Text,
	"vpcflow":    VPCFlow,
}

// Named finds a format.
func Named(name string) (Format, bool) {
	f, ok := formats[name]
	return f, ok
}

// Names are those of all formats, sorted.
func Names() []string { return slices.Sorted(maps.Keys(formats)) }

// OfJSON says that a format's lines are JSON objects themselves.
func OfJSON(name string) bool { return name == "cloudtrail" }

// Text takes any line: {"message": line}.
func Text(dst, line []byte) ([]byte, bool) {
	if !utf8.Valid(line) {
		return dst, false
	}
	dst, _ = jsontext.AppendQuote(append(dst, `{"message":`...), line)
	return append(dst, '}'), true
}
