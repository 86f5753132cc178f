package main

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/fault"
)

// split cuts a posted body into documents, each the bytes that came: a JSON array's
// elements, NDJSON's lines, or the one object.
func split(contentType string, body []byte) ([][]byte, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if contentType != "" && err != nil {
		return nil, fault.New(fault.Invalid, "the Content-Type cannot be read")
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		return nil, fault.New(fault.Invalid, "the body is empty: send a JSON object, a JSON array of objects, or one object a line (NDJSON)")
	case strings.Contains(kind, "ndjson") || strings.Contains(kind, "jsonl"):
		return lines(body), nil
	case trimmed[0] == '[':
		return elements(trimmed)
	case trimmed[0] == '{' && one(trimmed):
		return [][]byte{trimmed}, nil
	}
	all := lines(body)
	if len(all) == 1 && kind == "application/json" || !one(all[0]) { // not even NDJSON that nobody called so
		return nil, fault.New(fault.Invalid, "the body is not JSON: send an object, an array of objects, or one object a line (NDJSON)")
	}
	return all, nil
}

// tolerant reads over what is wrong inside one document only.
var tolerant = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

func one(body []byte) bool { return jsontext.Value(body).IsValid(tolerant...) }

func lines(body []byte) (items [][]byte) {
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			items = append(items, line)
		}
	}
	return items
}

func elements(body []byte) (items [][]byte, err error) {
	d := jsontext.NewDecoder(bytes.NewReader(body), tolerant...)
	if _, err := d.ReadToken(); err != nil {
		return nil, notJSON(err)
	}
	for d.PeekKind() != ']' {
		v, err := d.ReadValue()
		if err != nil {
			return nil, notJSON(err)
		}
		items = append(items, bytes.Clone(v))
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, notJSON(err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "something follows the array")
	}
	if len(items) == 0 {
		return nil, fault.New(fault.Invalid, "the array is empty")
	}
	return items, nil
}

func notJSON(err error) error {
	return fault.Wrap(fault.Invalid, "the body is not JSON: nothing was taken; with one object a line (NDJSON) a bad line fails alone", err)
}

// flaw says why an item can never be a document, empty if it can.
func flaw(item []byte) string {
	switch {
	case !one(item):
		return "is not JSON"
	case item[0] != '{':
		return "is not a JSON object"
	case !jsontext.Value(item).IsValid(jsontext.AllowInvalidUTF8(true)):
		return "has the same name twice in one object"
	case !jsontext.Value(item).IsValid():
		return "is not UTF-8"
	}
	return ""
}

// forQueue is an item as text that SQS takes: it refuses two characters of Unicode,
// which JSON can write otherwise.
func forQueue(item []byte) []byte {
	return []byte(strings.NewReplacer("\uFFFE", `\ufffe`, "\uFFFF", `\uffff`).Replace(string(item)))
}
