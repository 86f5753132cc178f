package query

import (
	"fmt"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/rotation"
)

// readFrom reads the first time that belongs to the range.
func (r *reader) readFrom(text string) {
	if m, ok := r.moment(text); ok {
		r.From = m.start
	}
}

// readTo reads the first time behind the range. A bare date is a day that belongs to
// it, and now the minute that runs.
func (r *reader) readTo(text string) {
	m, ok := r.moment(text)
	if !ok {
		return
	}
	r.To = m.start
	if m.end.Sub(m.start) >= 24*time.Hour || strings.HasPrefix(text, "now") {
		r.To = m.end
	}
}

func (r *reader) moment(text string) (moment, bool) {
	m, err := readMoment(text, r.clock)
	if err != nil {
		r.note(err)
	}
	return m, err == nil
}

// readSince reads how far back from now the range begins; the minute it begins in
// belongs to it as a whole.
func (r *reader) readSince(text string) {
	d, err := rotation.ParseDuration(text)
	switch {
	case err != nil:
		r.wrong(-1, "%v", err)
	case r.values.Has("from") || r.values.Has("to"):
		r.wrong(-1, "stands for from=now-%s: leave one of them out", text)
	default:
		r.From = r.clock.Add(-d).Truncate(time.Minute).UTC()
	}
}

func (r *reader) checkTime() {
	r.name = "from"
	if r.From.IsZero() && !r.To.IsZero() {
		r.name = "to"
	}
	given := !r.From.IsZero() || !r.To.IsZero()
	switch end := r.rangeEnd(); {
	case given && r.schema.Time == "":
		r.wrong(-1, "collection %s has no event time to search by", r.schema.Collection)
	case !r.From.IsZero() && !r.To.IsZero() && !r.From.Before(r.To):
		r.wrong(-1, "%s is not before to, %s", r.From.Format(wire), r.To.Format(wire))
	case r.schema.MaxRange == 0 || len(r.mistakes) > 0:
	case r.From.IsZero():
		r.wrong(-1, "is needed: this collection is searched at most %s at a time; write from=... or since=%[1]s", days(r.schema.MaxRange))
	case end.Sub(r.From) > r.schema.MaxRange:
		r.wrong(-1, "the range is longer than %s, the most that this collection allows", days(r.schema.MaxRange))
	}
}

func (r *reader) rangeEnd() time.Time {
	if r.To.IsZero() {
		return r.clock.Truncate(time.Minute)
	}
	return r.To
}

// days writes d as since reads it.
func days(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return unit(d/(24*time.Hour), "d")
	}
	if d%time.Hour == 0 {
		return unit(d/time.Hour, "h")
	}
	return unit(d/time.Minute, "m")
}

func unit(n time.Duration, name string) string { return fmt.Sprintf("%d%s", int64(n), name) }
