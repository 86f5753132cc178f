package query

import (
	"fmt"
	"time"

	"github.com/sluice-dev/sluice/shared/rotation"
)

const (
	maxBuckets  = 1000 // of a histogram whose interval was given
	goodBuckets = 100  // of one that chooses it
)

// steps are the intervals that are chosen from, in milliseconds.
var steps = []int64{
	1000, 5000, 10_000, 30_000, minute, 5 * minute, 10 * minute, 30 * minute,
	hour, 3 * hour, 12 * hour, day, 7 * day, 30 * day,
}

const (
	minute = int64(60_000)
	hour   = 60 * minute
	day    = 24 * hour
	monday = 4 * day // 1970-01-05: weeks begin there
)

func (r *reader) interval(text string) int64 {
	if text == "auto" {
		return 0
	}
	d, err := rotation.ParseDuration(text)
	if err != nil {
		r.wrong(-1, "%v; or write auto", err)
	} else if d < time.Second {
		r.wrong(-1, "is shorter than 1s")
	}
	return d.Milliseconds()
}

// settle chooses the interval, or refuses the one given.
func (h *Histogram) settle() error {
	if h.start == h.end {
		return nil
	}
	if h.step = h.asked; h.step > 0 {
		if n := h.buckets(h.step); n > maxBuckets {
			return Mistakes{wrong(-1, "%s makes %d buckets of the range, and %d are the most: take a longer one, auto, or a shorter range",
				spell(h.step), n, maxBuckets).in("interval")}
		}
		return nil
	}
	for _, h.step = range steps {
		if h.buckets(h.step) <= goodBuckets {
			return nil
		}
	}
	for h.buckets(h.step) > goodBuckets {
		h.step *= 2
	}
	return nil
}

func (h Histogram) buckets(step int64) int64 {
	return (h.end - floor(h.start, step) + step - 1) / step
}

// floor is the start of the bucket that t is in.
func floor(t, step int64) int64 {
	t -= offset(step)
	return t - ((t%step)+step)%step + offset(step)
}

func offset(step int64) int64 {
	if step == 7*day {
		return monday
	}
	return 0
}

// spell writes an interval as it is read.
func spell(ms int64) string {
	for _, u := range []struct {
		name string
		ms   int64
	}{{"d", day}, {"h", hour}, {"m", minute}} {
		if ms%u.ms == 0 {
			return fmt.Sprintf("%d%s", ms/u.ms, u.name)
		}
	}
	return fmt.Sprintf("%ds", ms/1000)
}
