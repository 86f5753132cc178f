package envelope

import (
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

// notification is what SNS sends to a queue, unless its delivery is raw.
type notification struct {
	kind, topic string
	message     []byte
	content     Content
}

// openSNS: the message id stays the same when SNS sends a message again, which then is
// another message of the queue.
func openSNS(body []byte) ([]Content, bool) {
	n := notification{content: Content{Wraps: true}}
	if members(body, n.member) != nil || n.topic == "" || n.content.Position == "" {
		return nil, false
	}
	switch n.kind {
	case "Notification":
		n.content.Body = n.message
		return []Content{n.content}, n.message != nil
	case "SubscriptionConfirmation", "UnsubscribeConfirmation":
		return []Content{{Skip: n.kind, From: n.topic}}, true
	}
	return nil, false
}

func (n *notification) member(name, value []byte) error {
	switch string(name) {
	case "Type":
		n.kind = text(value)
	case "MessageId":
		n.content.Position = text(value)
	case "TopicArn":
		n.topic = text(value)
	case "Message":
		if kind(value) == raw.String {
			n.message = raw.Text(value)
		}
	case "Timestamp":
		n.content.Taken, _ = time.Parse(time.RFC3339, text(value))
	case "MessageAttributes":
		if kind(value) == raw.Object {
			return members(value, n.attribute)
		}
	}
	return nil
}

func (n *notification) attribute(name, value []byte) error {
	if kind(value) != raw.Object {
		return nil
	}
	return members(value, func(part, v []byte) error {
		if string(part) != "Value" {
			return nil
		}
		switch string(name) {
		case "collection":
			n.content.Collection = text(v)
		case "id":
			n.content.ID = text(v)
		}
		return nil
	})
}
