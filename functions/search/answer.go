package main

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

// maxAnswer is how many bytes of documents an answer holds: Lambda carries 6 MB, with
// what surrounds them.
const maxAnswer = 5_500_000

// fit drops the last documents of a page that an answer could not carry; weigh says what
// one takes of it.
func (r *result) fit(limit int, weigh func(hit) int) error {
	if limit <= 0 {
		return fault.New(fault.TooLarge, "the aggregations alone are larger than an answer may be: ask for fewer buckets")
	}
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
func weight(d hit) int {
	return carried(d.Source) + carried(d.Highlight) + len(d.ID) + len(d.Index) + 60
}

// escaped is what each byte takes more, at most.
var escaped = [256]uint8{'"': 1, '\\': 1, '\n': 1, '\t': 1, '\r': 1, 0xE2: 5, // U+2028 and U+2029 become six bytes
	0: 5, 1: 5, 2: 5, 3: 5, 4: 5, 5: 5, 6: 5, 7: 5, 8: 5, 11: 5, 12: 5, 14: 5, 15: 5, 16: 5, 17: 5, 18: 5, 19: 5, 20: 5, 21: 5,
	22: 5, 23: 5, 24: 5, 25: 5, 26: 5, 27: 5, 28: 5, 29: 5, 30: 5, 31: 5}

// carried is the length of raw inside the JSON string that Lambda makes of an answer.
func carried(raw []byte) int {
	n := len(raw)
	for _, b := range raw {
		n += int(escaped[b])
	}
	if !utf8.Valid(raw) { // base64
		n = n * 3 / 2
	}
	return n
}

func shown(documents []hit) []query.Hit {
	shown := make([]query.Hit, len(documents))
	for i, d := range documents {
		shown[i] = query.Hit{ID: d.ID, Sort: d.Sort}
	}
	return shown
}

// tag is the same for answers that say the same: what they took, and the cursor, which
// leads on from the same place, are left out, but not whether that cursor is believed.
func (r *result) tag(documents, signer []byte) string {
	same := *r
	same.took, same.next, same.completeness.Cache, same.documents = 0, "", nil, nil
	return tagOf(same.json(), documents, signer)
}

func (r *result) json() []byte {
	body, _ := r.written()
	return body
}

// written is the page as JSON, and what in it are the documents, which go through byte for byte.
func (r *result) written() (body, documents []byte) {
	var out bytes.Buffer
	size := 1000 + len(r.aggregations)
	for _, d := range r.documents {
		size += len(d.Source) + len(d.Highlight) + len(d.ID) + len(d.Index) + 60
	}
	out.Grow(size)
	fmt.Fprintf(&out, `{"total":{"value":%d,"relation":%q},"took_ms":%d,"documents":`, r.total.Value, r.total.Relation, r.took)
	from := out.Len()
	writeHits(&out, r.documents)
	to := out.Len()
	out.WriteString(`,"next":`)
	if r.next == "" {
		out.WriteString("null")
	} else {
		fmt.Fprintf(&out, "%q", r.next)
	}
	if len(r.aggregations) > 0 {
		out.WriteString(`,"aggregations":`)
		out.Write(r.aggregations)
	}
	if r.facets != nil {
		out.WriteString(`,"facets":`)
		out.Write(jsonOf(r.facets))
	}
	out.WriteString(`,"completeness":`)
	out.Write(jsonOf(r.completeness))
	out.WriteByte('}')
	return out.Bytes(), out.Bytes()[from:to]
}

func writeHits(out *bytes.Buffer, list []hit) {
	out.WriteByte('[')
	for i, d := range list {
		if i > 0 {
			out.WriteByte(',')
		}
		d.write(out)
	}
	out.WriteByte(']')
}

// quote writes text as JSON.
func quote(out *bytes.Buffer, text string) {
	quoted, _ := jsontext.AppendQuote(out.AvailableBuffer(), text) // what is not UTF-8 becomes U+FFFD
	out.Write(quoted)
}

func (d hit) write(out *bytes.Buffer) {
	out.WriteString(`{"id":`)
	quote(out, d.ID)
	out.WriteString(`,"index":`)
	quote(out, d.Index)
	out.WriteString(`,"source":`)
	if len(d.Source) == 0 {
		out.WriteString("{}")
	}
	out.Write(d.Source)
	if len(d.Highlight) > 0 {
		out.WriteString(`,"highlight":`)
		out.Write(d.Highlight)
	}
	if d.stale {
		out.WriteString(`,"stale":true`)
	}
	out.WriteByte('}')
}
