package main

import (
	"regexp"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/shared/rotation"
)

// choice is a length of time that the form offers.
type choice struct{ value, text string }

func (p page) ranges() []choice {
	list := []choice{
		{"5m", "5 minutes"}, {"15m", "15 minutes"}, {"1h", "hour"}, {"4h", "4 hours"}, {"24h", "24 hours"}, {"7d", "7 days"}, {"30d", "30 days"}, {"any", "any time"},
	}
	if most := p.Now.schema.MaxRange; most > 0 {
		list = slices.DeleteFunc(list, func(c choice) bool {
			d, err := rotation.ParseDuration(c.value)
			return err != nil || d >= most
		})
		list = append(list, choice{p.Now.Search.MaxRange, p.Now.Search.MaxRange})
	}
	return list
}

// range says in words which time is searched.
func (p page) span() markup {
	from, to, since := p.get("from"), p.get("to"), p.get("since")
	switch {
	case from != "" && to != "":
		return tag(`%s – %s`, end(from), end(to))
	case from != "":
		return tag(`from %s`, end(from))
	case to != "":
		return tag(`until %s`, end(to))
	case since == "":
		return "Any time"
	}
	for _, c := range p.ranges() {
		if c.value == since {
			return tag(`Last %s`, c.text)
		}
	}
	return tag(`Last %s`, since)
}

// end is an end of the range, to the minute where it is one.
func end(text string) markup {
	if t, ok := parsed(text); ok && t.Equal(t.Truncate(time.Minute)) {
		return toMinute(t.UTC().Format(time.RFC3339Nano))
	}
	return moment(text)
}

// timePicker is a length of time back from now, or the two ends.
func (p page) timePicker() markup {
	since := p.get("since")
	if since == "" && (p.has("from") || p.has("to")) {
		since = "between"
	}
	return tag(`
<details class="picker" id="time"><summary><span>Time</span><b>%s</b></summary>
<div class="panel"><input type="hidden" name="since" value="%s">
<fieldset><legend>Last</legend>%s</fieldset>
<fieldset><legend>Between</legend><label>From <input name="from" value="%s" %s></label><label>To <input name="to" value="%s" %s></label>
<label>Times are <select name="tz"><option value="">UTC</option><option value="local"%s>the browser’s</option></select></label>
<button name="since" value="between">Set</button></fieldset></div></details>`,
		p.span(), since,
		each(p.ranges(), func(c choice) markup {
			return tag(`<button name="since" value="%s"%s>%s</button>`, c.value, when(c.value == since, func() markup { return ` aria-pressed="true"` }), c.text)
		}),
		p.get("from"), ending(p.get("from")), p.get("to"), ending(p.get("to")), when(p.local(), func() markup { return " selected" }))
}

var picked = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?)?$`)

// ending is the browser's own picker where it can show the value.
func ending(value string) markup {
	if picked.MatchString(value) {
		return `type="datetime-local" step="1"`
	}
	return `type="text" spellcheck="false" autocomplete="off"`
}
