package collection

import (
	"slices"
	"time"
)

// Formats that are names; everything else is a Go layout.
var formats = []string{rfc3339, "unix", "unix_ms", "unix_us", "unix_ns"}

func (f *file) checkTime(c *Collection) {
	if c.Time == nil {
		return
	}
	if t, ok := f.fieldType(c, "time.field", c.Time.Field); ok && t != "date" {
		f.wrong("time.field", "%s is of type %s: an event's time is a date", c.Time.Field, t)
	}
	for i, format := range c.Time.Formats {
		if format != "" && !slices.Contains(formats, format) && !isLayout(format) {
			f.wrong(index("time.formats", i), "%q is neither a Go layout (2006-01-02 15:04:05) nor a format's name: %s", format, suggest(format, formats))
		}
	}
}

// isLayout says whether a day survives being written and read in the layout.
func isLayout(layout string) bool {
	day := time.Date(2031, time.October, 24, 0, 0, 0, 0, time.UTC)
	back, err := time.Parse(layout, day.Format(layout))
	return err == nil && back.Equal(day)
}

func (f *file) checkPolicy(c *Collection) {
	policy := c.Index.Policy
	switch {
	case (policy == "rollover" || policy == "data_stream") && !c.AppendOnly:
		f.wrong("index.policy", "%s is for documents that never change: add append_only: true, or use single or periodic", policy)
	case policy == "periodic" && c.Time == nil:
		f.wrong("index.policy", "periodic names an index for the event's time: add time: {field: ...}")
	}
	if policy == "data_stream" && (c.Time == nil || c.Time.Field != "@timestamp") {
		f.wrong("index.policy", "a data_stream needs time: {field: \"@timestamp\"}")
	}
}
