package main

import "cmp"

// dynamodbField reads, of {"dynamodb": {...}}, what the answer needs; the rest is the
// change envelope's.
func dynamodbField(s *scanner, r *record, name []byte) (own bool, err error) {
	if string(name) != "dynamodb" {
		return false, nil
	}
	return true, s.reader.Object(func(name []byte) (err error) {
		switch string(name) {
		case "SequenceNumber":
			r.item, err = s.text()
		case "ApproximateCreationDateTime":
			r.Arrived, err = s.seconds()
		default:
			err = s.reader.Skip()
		}
		return err
	})
}

// dynamodbFinish: the record itself is the message.
func dynamodbFinish(_ *scanner, r *record) error {
	r.Position = r.ARN + ":" + cmp.Or(r.eventID, r.item)
	r.original, r.body = r.whole, r.whole
	return nil
}
