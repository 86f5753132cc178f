package main

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/sluice-dev/sluice/shared/envelope"
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
	if err := s.unbase64(r); err != nil {
		return err
	}
	s.disaggregate(r)
	return nil
}

// disaggregate makes a record of each that the Kinesis Producer Library has put into one.
// They have their parent's sequence number, with which it is reported, and their place.
func (s *scanner) disaggregate(r *record) {
	inside, ok := envelope.Disaggregate(nil, r.original)
	if !ok {
		return
	}
	parent := *r
	r.empty = true // unless there is anything inside
	for i, data := range inside {
		child := parent
		child.Position = parent.Position + "." + strconv.Itoa(i)
		child.original, child.body, child.empty = data, data, len(data) == 0
		if i == 0 {
			*r = child
			continue
		}
		s.more = append(s.more, child)
	}
}

// streamName makes a position unique among streams, whose shards have the same names:
// arn:aws:kinesis:region:account:stream/name.
func streamName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
