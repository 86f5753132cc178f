package lambda

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// event is {"Records":[...]}, bounded by what an invocation may carry.
type event struct {
	buf   bytes.Buffer
	count int
}

const (
	eventHead = `{"Records":[`
	eventTail = `]}`
)

// add appends a record; false if it would make the event too large. The first always fits.
func (e *event) add(record []byte) bool {
	if e.count > 0 && e.buf.Len()+1+len(record)+len(eventTail) > lambdatest.MaxPayload {
		return false
	}
	if e.count == 0 {
		e.buf.WriteString(eventHead)
	} else {
		e.buf.WriteByte(',')
	}
	e.buf.Write(record)
	e.count++
	return true
}

func (e *event) payload() []byte {
	return append(bytes.Clone(e.buf.Bytes()), eventTail...)
}

// encode is JSON as AWS writes it: without HTML escapes.
func encode(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // only structs of strings, numbers and bytes come here
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

func regionOf(arn string) string  { return arnPart(arn, 3) }
func accountOf(arn string) string { return arnPart(arn, 4) }

func arnPart(arn string, i int) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[i]
}
