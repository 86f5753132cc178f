// Package envelope opens what producers and transports wrap documents in. It takes apart
// what the Kinesis Producer Library packed (Disaggregate), takes off what SNS, EventBridge
// and CloudWatch Logs put around (Unwrap), cuts a body into documents (Plain), and reads
// the change envelopes of Debezium, Canal, Maxwell, DMS and DynamoDB as the rows they tell
// of (Open). Values come through exactly or not at all: it refuses a row whose value it
// cannot tell for certain, passes over what holds no row (and says what that was), and
// never hands out a placeholder as a value. Called by ingest, once a record.
package envelope

import (
	"bytes"
	"errors"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Most documents of one record that are cut, and one more: a few kilobytes can unpack to
// millions.
const Most = 100_000

var byteOrderMark = []byte("\xef\xbb\xbf")

// Plain appends the documents of a body without an envelope, as parts of it: a JSON
// array's elements; an object, on however many lines; else every line that is not
// blank (NDJSON, log lines). A byte order mark, which Windows' tools put first, is
// passed over.
func Plain(documents [][]byte, body []byte) [][]byte {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, byteOrderMark))
	if len(body) == 0 {
		return documents
	}
	if body[0] == '[' {
		if all, ok := elements(documents, body); ok {
			return all
		}
	}
	newline := bytes.IndexByte(body, '\n')
	if newline < 0 || body[0] == '{' && !whole(body[:newline]) && whole(body) {
		return append(documents, body)
	}
	return lines(documents, body)
}

var errMany = errors.New("too many")

func elements(documents [][]byte, body []byte) ([][]byte, bool) {
	var r raw.Reader
	r.Lenient(body)
	err := r.Array(func() error {
		element, err := r.Value()
		if documents = append(documents, element); len(documents) > Most {
			return errMany
		}
		return err
	})
	return documents, errors.Is(err, errMany) || err == nil && r.End() == nil
}

// whole says that text is one JSON value; the reader of documents finds finer faults.
func whole(text []byte) bool {
	var r raw.Reader
	r.Lenient(text)
	return r.Skip() == nil && r.End() == nil
}

func lines(documents [][]byte, body []byte) [][]byte {
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			documents = append(documents, line)
		}
		if len(documents) > Most {
			break
		}
	}
	return documents
}
