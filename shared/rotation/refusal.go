package rotation

import (
	"fmt"
	"time"
)

// Refusal says why no index may hold a document.
type Refusal struct {
	Cause string // "time_missing", "time_in_future", "time_in_past", "time_expired"
	Text  string // one sentence for the dead letter
}

func (r *Refusal) Error() string { return r.Text }

// implausible refuses a time that only a wrong clock can have.
func (l *lifecycle) implausible(t, now time.Time) error {
	switch {
	case t.IsZero():
		return nil
	case l.future > 0 && t.Sub(now) > l.future:
		return &Refusal{"time_in_future", fmt.Sprintf("the event time %s is more than %s ahead of the clock", written(t), l.future)}
	case l.past > 0 && now.Sub(t) > l.past:
		return &Refusal{"time_in_past", fmt.Sprintf("the event time %s is more than %s behind the clock", written(t), l.past)}
	}
	return nil
}

func written(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Template is the collection's index template.
func (l *lifecycle) Template() Template { return l.template }
