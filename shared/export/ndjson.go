package export

import "github.com/go-json-experiment/json/jsontext"

// NDJSON is {"id":...,"index":...,"source":{...}} a line.
type NDJSON struct{}

// Head is empty.
func (NDJSON) Head() []byte { return nil }

// Name is ndjson.
func (NDJSON) Name() string { return "ndjson" }

// Type is NDJSON's media type.
func (NDJSON) Type() string { return "application/x-ndjson" }

// Append adds a document, with its source byte for byte; only line breaks between its
// members become spaces.
func (NDJSON) Append(out []byte, r Row) ([]byte, error) {
	out = quoted(append(out, `{"id":`...), r.ID)
	out = quoted(append(out, `,"index":`...), r.Index)
	out = append(out, `,"source":`...)
	if len(r.Source) == 0 {
		out = append(out, "{}"...)
	}
	begin := len(out)
	out = append(out, r.Source...)
	for i, b := range out[begin:] {
		if b == '\n' || b == '\r' { // never inside a string of JSON
			out[begin+i] = ' '
		}
	}
	return append(out, "}\n"...), nil
}

func quoted(out []byte, text string) []byte {
	quoted, _ := jsontext.AppendQuote(out, text) // what is not UTF-8 is replaced
	return quoted
}
