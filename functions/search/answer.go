package main

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

// maxAnswer is how many bytes of documents an answer holds: Lambda carries 6 MB, with
// what surrounds them.
const maxAnswer = 5_500_000

// fit drops the last documents of a page that an answer could not carry; weigh says what
// one takes of it.
func (r *result) fit(limit int, weigh func(hit) int) error {
	size := 0
	for i, d := range r.documents {
		if d.gone {
			continue
		}
		if size += weigh(d); size <= limit {
			continue
		}
		if i == 0 {
			return fault.New(fault.TooLarge, fmt.Sprintf("document %q alone is larger than an answer may be: ask for parts of it with fields=", d.ID))
		}
		r.completeness.PageCut = &cut{i, len(r.documents)}
		r.documents = r.documents[:i]
		return nil
	}
	return nil
}

// weight is what a document takes in JSON.
func weight(d hit) int { return carried(d.Source) + len(d.ID) + len(d.Index) + 40 }

// carried is the length of raw inside the JSON string that Lambda makes of an answer.
func carried(raw []byte) int {
	n := len(raw)
	for _, b := range raw {
		switch {
		case b == '"' || b == '\\' || b == '\n' || b == '\t' || b == '\r':
			n++
		case b < ' ' || b == 0xE2: // U+2028 and U+2029 become six bytes
			n += 5
		}
	}
	if !utf8.Valid(raw) { // base64
		n = n * 3 / 2
	}
	return n
}

func (r *result) shown() []query.Hit {
	shown := make([]query.Hit, len(r.documents))
	for i, d := range r.documents {
		shown[i] = query.Hit{ID: d.ID, Sort: d.Sort}
	}
	return shown
}

// json writes the page; documents go through byte for byte.
func (r *result) json() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"total":{"value":%d,"relation":%q},"took_ms":%d,"documents":[`, r.total.Value, r.total.Relation, r.took)
	for i, d := range r.documents {
		if i > 0 {
			out.WriteByte(',')
		}
		d.write(&out)
	}
	out.WriteString(`],"next":`)
	if r.next == "" {
		out.WriteString("null")
	} else {
		fmt.Fprintf(&out, "%q", r.next)
	}
	out.WriteString(`,"completeness":`)
	out.Write(jsonOf(r.completeness))
	out.WriteByte('}')
	return out.Bytes()
}

func (d hit) write(out *bytes.Buffer) {
	out.WriteString(`{"id":`)
	out.Write(jsonOf(d.ID))
	out.WriteString(`,"index":`)
	out.Write(jsonOf(d.Index))
	out.WriteString(`,"source":`)
	if len(d.Source) == 0 {
		out.WriteString("{}")
	}
	out.Write(d.Source)
	if d.stale {
		out.WriteString(`,"stale":true`)
	}
	out.WriteByte('}')
}
