package envelope

import (
	"fmt"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/raw"
)

// dynamo is one record of a DynamoDB stream, or of DynamoDB through Kinesis, which has
// the table's name and a finer time, but no sequence number.
type dynamo struct {
	op            change.Op
	keys          []byte
	image, former []byte
	sequence      string
	created       string
	precision     string
}

func openDynamoDB(body []byte, _ bool) (Message, bool) {
	var d dynamo
	var event, table, arn string
	var inner []byte
	if members(body, func(name, value []byte) error {
		switch string(name) {
		case "eventName":
			event = text(value)
		case "tableName":
			table = text(value)
		case "eventSourceARN":
			arn = text(value)
		case "dynamodb":
			inner = value
		}
		return nil
	}) != nil || kind(inner) != raw.Object || members(inner, d.member) != nil {
		return Message{}, false
	}
	switch event {
	case "INSERT", "MODIFY":
		d.op = change.Index
	case "REMOVE":
		d.op = change.Delete
	default:
		return Message{}, false
	}
	if table == "" {
		table = streamTable(arn)
	}
	return Message{Table: tableName("dynamodb", table), frame: &d}, kind(d.keys) == raw.Object
}

// streamTable is orders of arn:...:table/orders/stream/2024-01-01T00:00:00.000.
func streamTable(arn string) string {
	_, rest, _ := strings.Cut(arn, ":table/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func (d *dynamo) member(name, value []byte) error {
	switch string(name) {
	case "Keys":
		d.keys = value
	case "NewImage":
		d.image = value
	case "OldImage":
		d.former = value
	case "SequenceNumber":
		d.sequence = text(value)
	case "ApproximateCreationDateTime":
		d.created = text(value)
	case "ApproximateCreationDateTimePrecision":
		d.precision = text(value)
	}
	return nil
}

func (d *dynamo) rows(Columns) ([]Row, error) {
	at := d.time()
	v, ok := sequence(d.sequence)
	if !ok {
		v = unversioned
		if !at.IsZero() {
			v = clock(at.UnixMicro())
		}
	}
	row := Row{Op: d.op, Version: v.number, Ties: v.ties, Time: at}
	image := d.image
	if d.op == change.Delete {
		if image = d.former; image == nil {
			image = d.keys
		}
	}
	if kind(image) != raw.Object {
		return nil, &Flaw{"no_image", "the change has no image of its item: the stream's view type must be NEW_IMAGE or NEW_AND_OLD_IMAGES"}
	}
	var err error
	row.Document, err = appendItem(make([]byte, 0, len(image)), image)
	return []Row{row}, err
}

// time reads seconds with a fraction (streams), or milliseconds or microseconds
// (Kinesis), to the microsecond.
func (d *dynamo) time() time.Time {
	whole, fraction, _ := strings.Cut(d.created, ".")
	n, ok := integer([]byte(whole))
	if !ok || n <= 0 || n > 1<<53 {
		return time.Time{}
	}
	switch {
	case d.precision == "MICROSECOND":
		return micros(n)
	case d.precision == "MILLISECOND" || n > 1e11:
		return micros(n * 1000)
	}
	part, _ := integer([]byte((fraction + "000000")[:6]))
	return micros(n*1e6 + part)
}

// appendItem writes {"name": {"S": "text"}, ...} as {"name": "text", ...}.
func appendItem(dst, item []byte) ([]byte, error) {
	o := object{out: dst}
	err := members(item, func(name, value []byte) (err error) {
		o.name(name)
		if o.out, err = appendValue(o.out, value); err != nil {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
		return nil
	})
	return o.end(), flawed(err)
}

func flawed(err error) error {
	if err == nil {
		return nil
	}
	return &Flaw{"attribute_unreadable", err.Error()}
}

// appendValue writes one typed value: {"N": "1.50"} as 1.50, digit by digit.
func appendValue(dst, value []byte) ([]byte, error) {
	var letter string
	var inner []byte
	if err := members(value, func(name, v []byte) error {
		letter, inner = letter+string(name), v
		return nil
	}); err != nil {
		return nil, err
	}
	switch letter {
	case "S", "B", "BOOL":
		return append(dst, inner...), nil
	case "N":
		return number(dst, text(inner)), nil
	case "NULL":
		return append(dst, "null"...), nil
	case "M":
		return appendItem(dst, inner)
	case "L":
		return appendList(dst, inner, appendValue)
	case "SS", "BS":
		return append(dst, inner...), nil
	case "NS":
		return appendList(dst, inner, func(dst, v []byte) ([]byte, error) { return number(dst, text(v)), nil })
	}
	return nil, fmt.Errorf("type %q is not one of DynamoDB's", letter)
}

func appendList(dst, list []byte, one func(dst, v []byte) ([]byte, error)) ([]byte, error) {
	dst = append(dst, '[')
	first := true
	err := eachElement(list, func(v []byte) (err error) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst, err = one(dst, v)
		return err
	})
	return append(dst, ']'), err
}
