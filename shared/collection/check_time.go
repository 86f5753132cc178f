package collection

import "github.com/sluice-dev/sluice/shared/mapping"

func (f *file) checkTime(c *Collection) {
	if c.Time == nil {
		return
	}
	if t, ok := f.fieldType(c, "time.field", c.Time.Field); ok && t != "date" {
		f.wrong("time.field", "%s is of type %s: an event's time is a date", c.Time.Field, t)
	}
	for i, format := range c.Time.Formats {
		if format != "" && !mapping.IsFormat(format) {
			f.wrong(index("time.formats", i), "%q is neither a Go layout (2006-01-02 15:04:05) nor a format's name: %s", format, suggest(format, mapping.Formats))
		}
	}
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
