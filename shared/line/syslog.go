package line

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/leodido/go-syslog/v4/rfc5424"
)

// Syslog takes a message of RFC 5424; its message is MSG.
func Syslog(dst, line []byte) ([]byte, bool) {
	if len(line) == 0 || line[0] != '<' || !utf8.Valid(line) {
		return dst, false
	}
	parsed, err := rfc5424.NewMachine().Parse(line)
	m, ok := parsed.(*rfc5424.SyslogMessage)
	if err != nil || !ok {
		return dst, false
	}
	var at time.Time
	if m.Timestamp != nil {
		at = *m.Timestamp
	}
	e := begin(dst, at)
	e.optional("host.name", m.Hostname)
	e.optional("service.name", m.Appname)
	e.optional("severity_text", m.SeverityShortLevel())
	e.out = append(named(e.out, "severity_number"), severityNumbers[*m.Severity%8]...)
	e.note("facility", m.FacilityLevel())
	e.note("procid", m.ProcID)
	e.note("msgid", m.MsgID)
	if m.StructuredData != nil {
		e.structured(bytes.SplitN(line, []byte(" "), 7)[6])
	}
	if m.Message != nil {
		line = []byte(strings.TrimPrefix(*m.Message, "\ufeff")) // says that it is UTF-8
	}
	return e.end(line), true
}

// severityNumbers are OpenTelemetry's, from emergency to debug.
// https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/#appendix-b-severitynumber-example-mappings
var severityNumbers = [...]string{"21", "19", "18", "17", "13", "10", "9", "5"}

func (e *event) optional(name string, value *string) {
	if value != nil {
		e.text(name, []byte(*value))
	}
}

func (e *event) note(name string, value *string) {
	if value != nil {
		e.attribute(name, []byte(*value))
	}
}

// structured keeps the elements, [id name="value" ...][...], as objects of their own: ids
// hold dots and at signs. The parser has checked them, but of a parameter that comes twice
// it has one value alone.
func (e *event) structured(data []byte) {
	e.attributes = append(named(e.attributes, "structured_data"), '{')
	c := cutter{rest: data, ok: true}
	for c.next('[') {
		id := c.rest[:bytes.IndexAny(c.rest, " ]")]
		c.rest = c.rest[len(id):]
		e.attributes = append(named(e.attributes, string(id)), '{')
		for _, p := range c.parameters() {
			e.pair(p)
		}
		e.attributes = append(e.attributes, '}')
		c.expect(']')
	}
	e.attributes = append(e.attributes, '}')
}

var unescapeParameter = strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\]`, `]`)

// parameters are those of one element, each with all of its values.
func (c *cutter) parameters() []pair {
	var found pairs
	for c.next(' ') {
		name, value := c.until('='), c.quoted()
		found.add(string(name), []byte(unescapeParameter.Replace(string(value))))
	}
	return found.all
}
