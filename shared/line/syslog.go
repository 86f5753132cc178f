package line

import (
	"maps"
	"slices"
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
		e.structured(*m.StructuredData)
	}
	if m.Message != nil {
		line = []byte(*m.Message)
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

// structured keeps the elements as objects of their own: ids hold dots and at signs.
func (e *event) structured(data map[string]map[string]string) {
	e.attributes = append(named(e.attributes, "structured_data"), '{')
	for _, id := range slices.Sorted(maps.Keys(data)) {
		e.attributes = append(named(e.attributes, id), '{')
		for _, name := range slices.Sorted(maps.Keys(data[id])) {
			e.attributes = quoted(named(e.attributes, name), []byte(data[id][name]))
		}
		e.attributes = append(e.attributes, '}')
	}
	e.attributes = append(e.attributes, '}')
}
