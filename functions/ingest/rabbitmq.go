package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/batch"
	"github.com/sluice-dev/sluice/shared/raw"
)

// rabbitmqField reads {"basicProperties": {"headers", "messageId", "timestamp"}, "data"}.
func rabbitmqField(s *scanner, r *record, name []byte) (own bool, err error) {
	switch string(name) {
	case "data":
		r.original, err = s.plain() // base64 still
	case "basicProperties":
		err = s.reader.Object(func(name []byte) error { return rabbitmqProperty(s, r, name) })
	default:
		return false, nil
	}
	return true, err
}

func rabbitmqProperty(s *scanner, r *record, name []byte) (err error) {
	switch string(name) {
	case "messageId":
		r.item, err = s.text()
	case "timestamp":
		var written []byte
		written, err = s.plain()
		r.Arrived = rabbitmqTime(written)
	case "headers":
		if s.reader.Kind() != raw.Object {
			return s.reader.Skip()
		}
		err = s.reader.Object(func(name []byte) error { return s.header(r, name) })
	default:
		err = s.reader.Skip()
	}
	return err
}

// rabbitmqTime reads a time as Lambda writes it: "Jan 1, 1970, 12:33:41 AM", the space
// before AM a narrow one in newer versions of Java.
func rabbitmqTime(written []byte) time.Time {
	text := strings.ReplaceAll(string(written), "\u202f", " ")
	t, err := time.Parse("Jan 2, 2006, 3:04:05 PM", text)
	if err != nil || t.Unix() <= 0 {
		return millis(written)
	}
	return t
}

// rabbitmqFinish gives the message a name that it keeps when it is delivered again: a queue
// has no positions. It is the producer's message id, else a digest of time and content, so
// that two messages of one second and content are one.
func rabbitmqFinish(s *scanner, r *record) error {
	if err := s.unbase64(r); err != nil {
		return err
	}
	if s.place.group != r.group {
		broker := s.head.arn[strings.LastIndexByte(s.head.arn, ':')+1:]
		s.place = place{r.group, s.head.arn + "/" + r.group, broker + "/" + r.group + ":"}
	}
	if r.item == "" {
		r.item = digest(r)
	}
	r.ARN, r.Position = s.place.arn, s.place.position+r.item
	return nil
}

func digest(r *record) string {
	h := sha256.New()
	h.Write([]byte(r.Arrived.UTC().Format(time.RFC3339)))
	h.Write(r.original)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// rabbitmqAnswer counts: Amazon MQ's mapping takes no answer, only an error.
func rabbitmqAnswer(string) (batch.Answer, bool) { return batch.Independent, false }
