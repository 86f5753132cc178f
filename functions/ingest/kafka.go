package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/batch"
	"github.com/sluice-dev/sluice/shared/raw"
)

// kafkaScheme begins the name of a topic that has no ARN: kafka://server/topic.
const kafkaScheme = "kafka://"

// kafkaField reads {"offset", "timestamp", "value", "headers"}; topic and partition are the
// group's name, and the key is the value's own.
func kafkaField(s *scanner, r *record, name []byte) (own bool, err error) {
	switch string(name) {
	case "offset":
		r.item, err = s.text()
	case "timestamp":
		var written []byte
		written, err = s.plain()
		r.Arrived = millis(written)
	case "value":
		r.original, err = s.plain() // base64 still
	case "headers":
		err = kafkaHeaders(s, r)
	default:
		return false, nil
	}
	return true, err
}

// kafkaHeaders reads [{"name": [98, -61, ...]}, ...]. Of a name that comes twice the last
// counts, as for Kafka's own lastHeader.
func kafkaHeaders(s *scanner, r *record) error {
	if s.reader.Kind() != raw.Array {
		return s.reader.Skip()
	}
	return s.reader.Array(func() error {
		return s.reader.Object(func(name []byte) error { return s.header(r, name) })
	})
}

// header reads the value of collection or id, and passes over any other.
func (s *scanner) header(r *record, name []byte) error {
	switch string(name) {
	case "collection":
		value, err := s.headerValue()
		r.Attribute = s.one(value)
		return err
	case "id":
		value, err := s.headerValue()
		r.ID = string(value)
		return err
	}
	return s.reader.Skip()
}

// headerValue reads a list of bytes, which Java writes with a sign; a text as it stands;
// RabbitMQ's {"bytes": [...]}.
func (s *scanner) headerValue() (value []byte, err error) {
	switch s.reader.Kind() {
	case raw.Array:
		start := len(s.block)
		err = s.reader.Array(func() error {
			digits, err := s.plain()
			n, _ := strconv.ParseInt(string(digits), 10, 16)
			s.block = append(s.block, byte(n)) //nolint:gosec // -1 is 255
			return err
		})
		return s.block[start:len(s.block):len(s.block)], err
	case raw.Object:
		err = s.reader.Object(func(name []byte) (err error) {
			if string(name) != "bytes" {
				return s.reader.Skip()
			}
			value, err = s.headerValue()
			return err
		})
		return value, err
	}
	return s.plain()
}

// kafkaFinish names the record's place in its log. Its time belongs to it: a topic that is
// made anew counts from 0 again. A record without a value is a tombstone: passed over and
// counted.
func kafkaFinish(s *scanner, r *record) error {
	if s.place.group != r.group {
		s.place = kafkaPlace(s.head, r.group)
	}
	r.ARN = s.place.arn
	r.Position = s.place.position + r.item + "@" + strconv.FormatInt(r.Arrived.UnixMilli(), 10)
	return s.unbase64(r)
}

// kafkaPlace: the ARN that a topic of MSK has, else its URL. A cluster of one's own is known
// by the first of its servers in alphabetical order, in whatever order they are listed.
func kafkaPlace(h head, group string) place {
	topic := group
	if i := strings.LastIndexByte(group, '-'); i >= 0 {
		topic = group[:i]
	}
	if h.arn == "" {
		server := slices.Min(strings.Split(h.servers, ","))
		return place{group, kafkaScheme + server + "/" + topic, server + ":" + group + "-"}
	}
	_, cluster, _ := strings.Cut(h.arn[strings.LastIndexByte(h.arn, ':')+1:], "/")
	return place{group, strings.Replace(h.arn, ":cluster/", ":topic/", 1) + "/" + topic, cluster + ":" + group + "-"}
}

// kafkaAnswer: each partition goes on from its first failed record.
// https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
func kafkaAnswer(string) (batch.Answer, bool) {
	return func(records []batch.Record) []string {
		failed := make([]string, 0)
		for _, r := range batch.First(records) {
			id, _ := jsontext.AppendQuote([]byte(`{"partition":`), r.Group)
			failed = append(failed, string(id)+`,"offset":`+r.ID+"}")
		}
		return failed
	}, false
}
