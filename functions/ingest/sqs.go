package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/batch"
	"github.com/sluice-dev/sluice/shared/deadletter"
	"github.com/sluice-dev/sluice/shared/message"
	"github.com/sluice-dev/sluice/shared/raw"
)

// sqsField reads a message: {"messageId", "body", "attributes", "messageAttributes"}.
func sqsField(s *scanner, r *record, name []byte) (own bool, err error) {
	switch string(name) {
	case "messageId":
		r.item, err = s.text()
	case "receiptHandle":
		r.receipt, err = s.plain()
	case "body":
		r.original, err = s.bytes()
	case "attributes":
		err = s.reader.Object(func(name []byte) error { return sqsSystem(s, r, name) })
	case "messageAttributes":
		err = sqsAttributes(s, r)
	default:
		return false, nil
	}
	return true, err
}

func sqsSystem(s *scanner, r *record, name []byte) error {
	switch string(name) {
	case "SentTimestamp":
		sent, err := s.plain()
		r.Arrived = millis(sent)
		return err
	case "ApproximateReceiveCount":
		count, err := s.plain()
		r.received, _ = strconv.Atoi(string(count)) // 0 if it is none: the shortest delay
		return err
	case "MessageGroupId":
		group, err := s.text()
		r.group = group
		return err
	}
	return s.reader.Skip()
}

// sqsAttributes reads, of the message attributes, those that a producer or a dead
// letter of ours coming back may set: collection, id, sluice (the letter's note), or
// arrived, encoding and source, which say the same without a note; and of a notification
// how much of its object is left: range, etag. With plain it is none. All stay, raw, for
// a dead letter.
func sqsAttributes(s *scanner, r *record) error {
	if s.reader.Kind() != raw.Object {
		return s.reader.Skip()
	}
	start := s.reader.Offset()
	err := s.reader.Object(func(name []byte) error {
		switch string(name) {
		case "collection", "id", "arrived", "encoding", "source", "range", "etag", "plain", deadletter.Attribute:
			return s.reader.Object(func(part []byte) error {
				if string(part) != "stringValue" {
					return s.reader.Skip()
				}
				return sqsAttribute(s, r, name)
			})
		}
		return s.reader.Skip()
	})
	r.attributes = bytes.TrimLeft(s.payload[start:s.reader.Offset()], ": \t\r\n")
	return err
}

func sqsAttribute(s *scanner, r *record, name []byte) (err error) {
	var value []byte
	switch string(name) {
	case "collection":
		r.Attribute, err = s.known()
	case "id":
		r.ID, err = s.text()
	case "arrived":
		if value, err = s.plain(); len(value) > 0 {
			r.dated = millis(value)
		}
	case "source":
		r.origin, err = s.text()
	case "range":
		value, err = s.plain()
		r.between(string(value))
	case "etag":
		r.etag, err = s.text()
	case "plain":
		value, err = s.plain()
		r.plain = string(value) == "true"
	case "encoding":
		value, err = s.plain()
		r.encoded = string(value) == message.Base64
	case deadletter.Attribute:
		if value, err = s.plain(); err == nil {
			if note, ok := deadletter.Parse(string(value)); ok {
				r.note = &note
			}
		}
	}
	return err
}

// sqsFinish restores what a dead letter of ours says of its record.
func sqsFinish(s *scanner, r *record) error {
	r.Position, r.body, r.queue = r.item, r.original, r.ARN
	r.empty = len(r.original) == 0 // a dead letter cannot be
	if r.note != nil {
		r.recall()
	} else if !r.dated.IsZero() {
		r.Arrived = r.dated
	}
	// Its collection's rules may be for the source it came from. Not every record has a time.
	if r.ID != "" || !r.dated.IsZero() {
		r.cameFrom(r.origin)
	}
	r.decode()
	return nil
}

// recall restores what the note says. A collection that the producer did not name is
// found again, for each document of the record anew.
func (r *record) recall() {
	n := r.note
	r.encoded, r.elsewhere = n.Encoding == message.Base64, n.Object != ""
	if n.Arrived > 0 {
		r.Arrived = time.UnixMilli(n.Arrived).UTC()
	}
	r.cameFrom(n.Source)
	r.ID = cmp.Or(r.ID, n.Position)
	if !n.Named {
		r.Attribute, r.Default = "", n.Default
	}
}

// cameFrom restores the source that a letter names, if it can be one.
func (r *record) cameFrom(source string) {
	if object, ok := strings.CutPrefix(source, objectARN); ok {
		r.Bucket, r.Key, _ = strings.Cut(object, "/")
		return
	}
	if strings.HasPrefix(source, "arn:") || strings.HasPrefix(source, kafkaScheme) {
		r.ARN = source
	}
}

func (r *record) decode() {
	if !r.encoded || r.elsewhere {
		return
	}
	if body, err := base64.StdEncoding.AppendDecode(nil, r.original); err == nil {
		r.body = body
	}
}

func millis(digits []byte) time.Time {
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// sqsAnswer: a queue whose name ends in .fifo keeps order within message groups. A
// group id alone does not say so: standard queues have them too (fair queues).
func sqsAnswer(arn string) (batch.Answer, bool) {
	if isFIFO(arn) {
		return batch.PerGroup, true
	}
	return batch.Independent, false
}

// isFIFO is told by the end of a queue's ARN, URL or name.
func isFIFO(queue string) bool { return strings.HasSuffix(queue, ".fifo") }
