package collection

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/envelope"
	"github.com/sluice-dev/sluice/shared/line"
	"github.com/sluice-dev/sluice/shared/raw"
)

// Unwraps says whether what transports wrap documents in is taken off for the collection,
// or, if none is known yet, may be.
func (c *Collection) Unwraps() bool { return c == nil || c.Envelope != "none" }

// TakesEvents says that the collection's documents are EventBridge's events as a whole,
// not their details.
func (d *Documents) TakesEvents() bool { return d.events }

// namesEvents says that fields or mapping rules name an event's members.
func (c *Collection) namesEvents() bool {
	var names []string
	for name, field := range c.Fields {
		if name != "detail" || field.Type == "object" || field.Type == "flat_object" {
			names = append(names, name)
		}
	}
	for _, rules := range c.Mapping {
		names = append(names, rules.Drop...)
		names = slices.AppendSeq(names, maps.Keys(rules.Rename))
		names = slices.AppendSeq(names, maps.Keys(rules.Flatten))
		names = slices.AppendSeq(names, maps.Values(rules.Copy))
	}
	return slices.ContainsFunc(names, func(name string) bool {
		first, _, _ := strings.Cut(name, ".")
		return first == "detail" || first == "detail-type"
	})
}

// logged is a log event as a document: JSON as it is, a line by the collection's formats,
// any other text as its message; and what the transport says of it.
func (d *Documents) logged(f *finder, log *envelope.Log, text []byte) ([]byte, error) {
	document, err := d.read(f, text)
	if flaw, ok := errors.AsType[*Flaw](err); ok && flaw.Type == notJSON {
		if body, ok := line.Text(nil, text); ok {
			document, err = body, nil
		}
	}
	if err != nil {
		return nil, err
	}
	said := log.Members
	if d.time < 0 {
		said = withTimestamp(said, log.Time)
	}
	return joined(document, said), nil
}

// joined is a document with the members of another that it has none of. Both are objects.
func joined(document, other []byte) []byte {
	own := map[string]bool{}
	members(document, func(name, _ []byte) { own[string(name)] = true })
	out := append(make([]byte, 0, len(document)+len(other)), '{')
	members(other, func(name, value []byte) {
		if !own[string(name)] {
			out, _ = jsontext.AppendQuote(out, name)
			out = append(append(append(out, ':'), value...), ',')
		}
	})
	if len(own) == 0 {
		out = bytes.TrimSuffix(out, []byte(","))
	}
	return append(out, document[bytes.IndexByte(document, '{')+1:]...)
}

// withTimestamp puts t before an object's members, of which it has some.
func withTimestamp(object []byte, t time.Time) []byte {
	return append(append(appendTime([]byte(`{"@timestamp":`), rfc3339, t), ','), object[1:]...)
}

// members visits those of an object that has been read before.
func members(object []byte, visit func(name, value []byte)) {
	var r raw.Reader
	r.Lenient(object)
	_ = r.Object(func(name []byte) error {
		value, err := r.Value()
		visit(name, value)
		return err
	})
}
