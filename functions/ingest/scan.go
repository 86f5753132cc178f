package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-dev/sluice/shared/raw"
)

// event is a payload's records and the source that sent them.
type event struct {
	*source
	arn     string // of the queue or stream; a redriven record says where it first came from
	records []record
}

// scanner reads a payload once, without typed events: what a record needs is copied
// or unquoted into one block of memory, the rest is passed over.
type scanner struct {
	reader  raw.Reader
	payload []byte
	block   []byte          // as large as the payload: no string grows when unquoted or decoded
	spare   []record        // room for records
	more    []record        // that were inside of one
	kept    strings.Builder // what strings are parts of
	last    [4]string
	next    int
	head    head
	place   place
}

// scan reads {"Records": [...]}, or an event whose records lie in groups. What it returns
// is valid while payload is, and until m is used again.
func scan(payload []byte, m *memory) (event, error) {
	if cap(m.block) < len(payload) {
		m.block = make([]byte, 0, len(payload))
	}
	s := &scanner{payload: payload, block: m.block[:0], spare: m.spare[:0]}
	s.reader.Lenient(payload)
	var e event
	err := s.reader.Object(func(name []byte) error {
		if string(name) != "Records" || e.records != nil {
			return s.member(&e, name)
		}
		e.records = s.room()
		return s.reader.Array(func() error {
			r, err := s.record(&e)
			if err == nil {
				err = s.take(&e, r)
			}
			return err
		})
	})
	m.spare = e.records
	if err == nil {
		err = s.reader.End()
	}
	if err == nil && s.head.grouped {
		err = s.takeGroups(&e)
	}
	if err == nil && e.source == nil {
		err = errors.New("no records of a known source")
	}
	if err != nil {
		return event{}, fmt.Errorf("event: %w", err)
	}
	return e, nil
}

// room is what an earlier event has left, and not nil.
func (s *scanner) room() []record {
	if s.spare == nil {
		return make([]record, 0, 16)
	}
	return s.spare
}

func (s *scanner) record(e *event) (*record, error) {
	e.records = append(e.records, record{})
	r := &e.records[len(e.records)-1]
	start := s.reader.Offset()
	if err := s.reader.Object(func(name []byte) error { return s.field(e, r, name) }); err != nil {
		return nil, err
	}
	r.whole = bytes.TrimLeft(s.payload[start:s.reader.Offset()], ", \t\r\n")
	return r, nil
}

// take holds a record against its event's source, which makes sense of it.
func (s *scanner) take(e *event, r *record) error {
	if e.source == nil {
		found, ok := sourceNamed(r.source)
		if !ok {
			return fmt.Errorf("event source %q is not known", r.source)
		}
		e.source, e.arn = found, r.ARN
	}
	if r.source != e.name {
		return fmt.Errorf("records of %s and %s in one event", e.name, r.source)
	}
	if err := e.finish(s, r); err != nil {
		return err
	}
	if r.item == "" {
		return fmt.Errorf("a record of %s has no id to answer with", e.name)
	}
	e.records, s.more = append(e.records, s.more...), s.more[:0]
	return nil
}

func (s *scanner) field(e *event, r *record, name []byte) (err error) {
	switch string(name) {
	case "eventSource":
		r.source, err = s.known()
		return err
	case "eventSourceARN":
		r.ARN, err = s.known()
		return err
	case "eventID":
		r.eventID, err = s.text()
		return err
	}
	if e.source != nil {
		if own, err := e.field(s, r, name); own {
			return err
		}
		return s.reader.Skip()
	}
	for i := range sources {
		if own, err := sources[i].field(s, r, name); own {
			return err
		}
	}
	return s.reader.Skip()
}

// bytes reads a string's text into the block; null and other kinds are empty.
func (s *scanner) bytes() ([]byte, error) {
	start := len(s.block)
	block, err := s.reader.AppendText(s.block)
	if err != nil || len(block) == start {
		return nil, err
	}
	s.block = block
	return block[start:len(block):len(block)], nil
}

// text reads a short string or a number's literal.
func (s *scanner) text() (string, error) {
	value, err := s.plain()
	return s.keep(value), err
}

// keep makes a string: many of them in one piece of memory.
func (s *scanner) keep(text []byte) string {
	start := s.kept.Len()
	s.kept.Write(text)
	return s.kept.String()[start:]
}

// known reads a string that most records have in common, without making it anew.
func (s *scanner) known() (string, error) {
	value, err := s.plain()
	if err != nil {
		return "", err
	}
	return s.one(value), nil
}

// one is value as a string, the same one while it is among the last few.
func (s *scanner) one(value []byte) string {
	for _, seen := range s.last {
		if seen == string(value) {
			return seen
		}
	}
	made := string(value)
	s.last[s.next%len(s.last)] = made
	s.next++
	return made
}

// unbase64 decodes a record's data into the block. Without data there is no document.
func (s *scanner) unbase64(r *record) error {
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

func (s *scanner) plain() ([]byte, error) {
	kind := s.reader.Kind()
	value, err := s.reader.Value()
	if err != nil {
		return nil, err
	}
	switch kind {
	case raw.String:
		return raw.Text(value), nil
	case raw.Number:
		return value, nil
	}
	return nil, nil
}
