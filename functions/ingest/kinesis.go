package main

import (
	"cmp"
	"strings"
)

// kinesisField reads {"kinesis": {"sequenceNumber", "data", "approximateArrivalTimestamp"}}.
func kinesisField(s *scanner, r *record, name []byte) (own bool, err error) {
	if string(name) != "kinesis" {
		return false, nil
	}
	return true, s.reader.Object(func(name []byte) (err error) {
		switch string(name) {
		case "sequenceNumber":
			r.item, err = s.text()
		case "data":
			r.original, err = s.plain() // base64 still
		case "approximateArrivalTimestamp":
			r.Arrived, err = s.seconds()
		default:
			err = s.reader.Skip()
		}
		return err
	})
}

// kinesisFinish undoes base64. A record without data is a tombstone or a heartbeat: it
// holds no document, and is passed over and counted.
func kinesisFinish(s *scanner, r *record) error {
	r.Position = streamName(r.ARN) + ":" + cmp.Or(r.eventID, r.item)
	return s.unbase64(r)
}

// streamName makes a position unique among streams, whose shards have the same names:
// arn:aws:kinesis:region:account:stream/name.
func streamName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
