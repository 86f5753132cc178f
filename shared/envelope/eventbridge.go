package envelope

import (
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

// openEventBridge: the document is the event's detail, or the event. Its id is the same
// in every attempt to deliver it.
func openEventBridge(body []byte) ([]Content, bool) {
	c := Content{Event: body}
	var kindOf, origin string
	if members(body, func(name, value []byte) error {
		switch string(name) {
		case "id":
			c.Position = text(value)
		case "detail-type":
			kindOf = text(value)
		case "source":
			origin = text(value)
		case "time":
			c.Taken, _ = time.Parse(time.RFC3339, text(value))
		case "detail":
			c.Body = value
		}
		return nil
	}) != nil {
		return nil, false
	}
	return []Content{c}, c.Position != "" && kindOf != "" && origin != "" && kind(c.Body) == raw.Object
}
