package redrive

import "time"

// again knows letters that died again after they were moved: moved once more, they
// would go round. The queue's clock, by whose time each was sent, is known to a few
// seconds; for those it remembers what it moved.
type again struct {
	began time.Time // by the queue's clock
	moved map[string]bool
}

const doubt = 3 * time.Second

func (a again) died(l Letter) bool {
	return l.Sent.After(a.began.Add(doubt)) || l.Sent.After(a.began.Add(-doubt)) && a.moved[l.key()]
}

func (a again) note(moved []Letter, began time.Time) {
	if time.Since(began) > 3*doubt {
		return
	}
	for _, l := range moved {
		a.moved[l.key()] = true
	}
}

func (l Letter) key() string { return l.Note.Source + "\n" + l.Collection + "\n" + l.ID }
