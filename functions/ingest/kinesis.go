package main

import (
	"cmp"
	"encoding/base64"
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
	start := len(s.block)
	var err error
	if s.block, err = base64.StdEncoding.AppendDecode(s.block, r.original); err != nil {
		return err
	}
	r.original = s.block[start:len(s.block):len(s.block)]
	r.empty = len(r.original) == 0
	r.body = r.original
	return nil
}

// streamName makes a position unique among streams, whose shards have the same names:
// arn:aws:kinesis:region:account:stream/name.
func streamName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
