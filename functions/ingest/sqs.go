package main

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/batch"
)

// sqsField reads a message: {"messageId", "body", "attributes", "messageAttributes"}.
func sqsField(s *scanner, r *record, name []byte) (own bool, err error) {
	switch string(name) {
	case "messageId":
		r.item, err = s.text()
	case "body":
		r.original, err = s.bytes()
	case "attributes":
		err = s.reader.Object(func(name []byte) error { return sqsSystem(s, r, name) })
	case "messageAttributes":
		r.attributes, err = s.reader.Value()
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
	case "MessageGroupId":
		group, err := s.text()
		r.group = group
		return err
	}
	return s.reader.Skip()
}

// sqsFinish reads the attributes that a producer, or a dead letter of ours coming
// back, may set: collection, id, arrived, encoding.
func sqsFinish(s *scanner, r *record) error {
	r.Position = r.item
	r.body = r.original
	encoded := false
	err := eachAttribute(r.attributes, func(a attribute) {
		switch a.name {
		case "collection":
			r.Attribute = a.text
		case "id":
			r.ID = a.text
		case "arrived":
			if t := millis([]byte(a.text)); !t.IsZero() {
				r.Arrived = t
			}
		case "encoding":
			encoded = a.text == "base64"
		}
	})
	if err != nil || !encoded {
		return err
	}
	body := make([]byte, base64.StdEncoding.DecodedLen(len(r.original)))
	if n, err := base64.StdEncoding.Decode(body, r.original); err == nil {
		s.unpack(r, body[:n])
	}
	return nil
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
	if strings.HasSuffix(arn, ".fifo") {
		return batch.PerGroup, true
	}
	return batch.Independent, false
}
