package envelope

import (
	"bytes"
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Log is what a log's transport says of an event whose text is its document.
type Log struct {
	Time    time.Time
	Members []byte // one JSON object: what the document has, unless it has its own
}

// subscription is a message of CloudWatch Logs, as subscriptions deliver it.
type subscription struct {
	kind, owner, group, stream string
	events                     []byte
}

// openCloudWatch makes a content of each log event. An event's id begins with its
// timestamp, 128 bits follow that tell it from all others: it is the same in every
// message that holds the event.
func openCloudWatch(body []byte) ([]Content, bool) {
	var s subscription
	if members(body, s.member) != nil || kind(s.events) != raw.Array {
		return nil, false
	}
	switch s.kind {
	case "CONTROL_MESSAGE":
		return []Content{{Skip: s.kind}}, true
	case "DATA_MESSAGE":
		all, ok := s.contents()
		return all, ok && s.group != ""
	}
	return nil, false
}

func (s *subscription) member(name, value []byte) error {
	switch string(name) {
	case "messageType":
		s.kind = text(value)
	case "owner":
		s.owner = text(value)
	case "logGroup":
		s.group = text(value)
	case "logStream":
		s.stream = text(value)
	case "logEvents":
		s.events = value
	}
	return nil
}

// contents is not ok if any event has no id to be known by.
func (s *subscription) contents() (all []Content, ok bool) {
	origin, ok := s.origin(), true
	err := eachElement(s.events, func(event []byte) error {
		c := Content{Sole: true, Log: &Log{Members: origin}}
		if err := members(event, c.logEvent); err != nil {
			return err
		}
		c.Taken = c.Log.Time
		ok = ok && c.Position != "" && c.Body != nil && !c.Taken.IsZero()
		if all = append(all, c); len(all) > Most {
			return errMany
		}
		return nil
	})
	return all, ok && (err == nil || len(all) > Most)
}

func (c *Content) logEvent(name, value []byte) error {
	switch string(name) {
	case "id":
		c.Position = text(value)
	case "timestamp":
		if ms, ok := integer(value); ok {
			c.Log.Time = time.UnixMilli(ms).UTC()
		}
	case "message":
		if kind(value) == raw.String {
			c.Body = bytes.TrimRight(raw.Text(value), "\r\n")
		}
	}
	return nil
}

// origin has OpenTelemetry's names, as log lines do.
func (s *subscription) origin() []byte {
	var o object
	for _, m := range [...][2]string{
		{"aws.log.group.names", s.group}, {"aws.log.stream.names", s.stream}, {"cloud.account.id", s.owner},
	} {
		if m[1] != "" {
			o.name([]byte(m[0]))
			o.out = quote(o.out, m[1])
		}
	}
	return o.end()
}
