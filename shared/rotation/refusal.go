package rotation

import (
	"fmt"
	"time"
)

// Refusal says why no index may hold a document.
type Refusal struct {
	Cause string // "time_missing", "time_in_future", "time_expired"
	Text  string // one sentence for the dead letter
}

func (r *Refusal) Error() string { return r.Text }

func (l *lifecycle) tooFarAhead(t, now time.Time) error {
	if l.future == 0 || t.IsZero() || t.Sub(now) <= l.future {
		return nil
	}
	return &Refusal{"time_in_future", fmt.Sprintf("the event time %s is more than %s ahead of the clock", t.UTC().Format(time.RFC3339), l.future)}
}

// Template is the collection's index template.
func (l *lifecycle) Template() Template { return l.template }
