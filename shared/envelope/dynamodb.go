package envelope

import (
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

// maxNesting is above DynamoDB's 32 levels, each of which is two of JSON, and bounds the
// work: every level is walked once more.
const maxNesting = 200

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
	var deep raw.Reader
	if deep.Deeper(image, maxNesting) {
		return nil, &Flaw{"attribute_unreadable", "the item nests deeper than DynamoDB allows"}
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
