package main

import "github.com/sluice-dev/sluice/shared/raw"

// head is what an event says once for all its records, where they lie in groups:
// {"eventSource", "eventSourceArn", "bootstrapServers", "records": {"topic-0": [...]}},
// {"eventSource", "eventSourceArn", "rmqMessagesByQueue": {"queue::/": [...]}}.
type head struct {
	source, arn, servers string
	grouped              bool
}

// place is what the records of one group have in common, made once for all of them.
type place struct{ group, arn, position string }

// member reads an event's member other than Records.
func (s *scanner) member(e *event, name []byte) (err error) {
	switch string(name) {
	case "eventSource":
		s.head.source, err = s.known()
	case "eventSourceArn":
		s.head.arn, err = s.known()
	case "bootstrapServers":
		s.head.servers, err = s.text()
	case "records", "rmqMessagesByQueue":
		return s.groups(e)
	default:
		err = s.reader.Skip()
	}
	return err
}

func (s *scanner) groups(e *event) error {
	if e.records != nil || s.reader.Kind() != raw.Object {
		return s.reader.Skip()
	}
	s.head.grouped, e.records = true, s.room()
	return s.reader.Object(func(name []byte) error {
		group := string(name)
		return s.reader.Array(func() error {
			r, err := s.record(e)
			if err == nil {
				r.group = group
			}
			return err
		})
	})
}

// takeGroups comes last: members may stand in any order.
func (s *scanner) takeGroups(e *event) error {
	for i := range e.records {
		r := &e.records[i]
		r.source, r.ARN = s.head.source, s.head.arn
		if err := s.take(e, r); err != nil {
			return err
		}
	}
	return nil
}
