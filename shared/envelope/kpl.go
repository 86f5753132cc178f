package envelope

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the format's own check, against accidents
	"encoding/binary"
)

// aggregated begins a record that the Kinesis Producer Library has made of many:
// magic, a protobuf message AggregatedRecord, its MD5.
// https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
var aggregated = []byte{0xF3, 0x89, 0x9A, 0xC2}

// Fields of AggregatedRecord and of its Record. Keys serve resharding, which is over
// when Lambda delivers a record: they are passed over.
const (
	aggregatedRecords = 3
	recordKeyIndex    = 1
	recordData        = 3
)

// Disaggregate appends the data of the records that one holds, as parts of it. What only
// begins like an aggregated record, or fails its digest, is a plain one, as it is for the
// Kinesis Client Library.
func Disaggregate(records [][]byte, data []byte) ([][]byte, bool) {
	rest, ok := bytes.CutPrefix(data, aggregated)
	if !ok || len(rest) <= md5.Size {
		return records, false
	}
	message, digest := rest[:len(rest)-md5.Size], rest[len(rest)-md5.Size:]
	if sum := md5.Sum(message); !bytes.Equal(sum[:], digest) { //nolint:gosec // as above
		return records, false
	}
	all := records
	ok = eachField(message, func(number uint64, value []byte) bool {
		if number != aggregatedRecords {
			return true
		}
		record, whole := recordOf(value)
		all = append(all, record)
		return whole
	})
	if !ok {
		return records, false
	}
	return all, true
}

// recordOf is the data of one record; both of its required fields must be there.
func recordOf(message []byte) (data []byte, ok bool) {
	keyed := false
	ok = eachField(message, func(number uint64, value []byte) bool {
		switch number {
		case recordKeyIndex:
			keyed = true
		case recordData:
			data = value[:len(value):len(value)]
		}
		return true
	})
	return data, ok && keyed && data != nil
}

// Wire types of protobuf; groups, which nothing makes any more, are refused.
const (
	varint  = 0
	fixed64 = 1
	bytesOf = 2
	fixed32 = 5
)

// eachField visits a protobuf message's fields, with the content of those that have a
// length; false where it is none.
func eachField(message []byte, visit func(number uint64, value []byte) bool) bool {
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 || tag>>3 == 0 {
			return false
		}
		value, rest, ok := fieldValue(tag&7, message[n:])
		if !ok || !visit(tag>>3, value) {
			return false
		}
		message = rest
	}
	return true
}

func fieldValue(wire uint64, text []byte) (value, rest []byte, ok bool) {
	size, skip := uint64(0), 0
	switch wire {
	case varint:
		_, skip = binary.Uvarint(text)
	case fixed64:
		size = 8
	case fixed32:
		size = 4
	case bytesOf:
		size, skip = binary.Uvarint(text)
	default:
		return nil, nil, false
	}
	if skip < 0 || skip == 0 && (wire == varint || wire == bytesOf) || size > uint64(len(text)-skip) {
		return nil, nil, false
	}
	end := skip + int(size) //nolint:gosec // at most len(text)
	return text[skip:end], text[end:], true
}
