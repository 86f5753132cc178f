package bulk

import (
	"math"
	"time"
)

// window is how much of its limits a writer uses: how large a request is, and how long
// it waits before the next. A 429, or a slow answer, halves the one and doubles the other;
// requests that go well bring both back by equal steps, so that at most one in creep finds
// the limit again. Beyond where it was last found the steps double. It knows no clock.
type window struct {
	size  float64       // share of MaxBytes and MaxDocs, up to 1
	pause time.Duration // before the next request
	calm  int           // requests that went well in a row
	grow  float64       // what each of them adds to size
	ease  time.Duration // and takes from pause
}

const (
	creep      = 64
	least      = 1.0 / 64
	firstPause = 100 * time.Millisecond
	maxPause   = 2 * time.Second
)

func openWindow() window { return window{size: 1} }

// stored is the window after a request that went well.
func (w window) stored() window {
	if w.calm++; w.calm > creep {
		w.grow, w.ease = 2*w.grow, 2*w.ease
	}
	w.size = min(1, w.size+w.grow)
	w.pause = max(0, w.pause-w.ease)
	if w.size == 1 && w.pause == 0 {
		return window{size: 1, calm: w.calm}
	}
	return w
}

// pressed is the window after a 429 on a request, or on all items of it, or an answer that was
// slow; share is what it held of the limits.
func (w window) pressed(share float64) window {
	w = w.smaller(share)
	w.pause = min(max(2*w.pause, firstPause), maxPause)
	w.ease = w.pause / (2 * creep)
	return w
}

// tooLarge is the window after a 413, or a 429 on many items while others were stored:
// less at once, but no reason to wait.
func (w window) tooLarge(share float64) window { return w.smaller(share) }

// inPart is the window after a request of which something was stored and something refused:
// OpenSearch takes part of it at least, so that the next need not wait as long.
func (w window) inPart() window {
	if w.pause /= 2; w.pause < firstPause {
		w.pause = 0
	}
	return w
}

// smaller leaves half of what was too much, to be won back in creep steps.
func (w window) smaller(share float64) window {
	if share < least/2 { // too small to tell of a size
		share = w.size
	}
	limit := max(least, min(w.size, share))
	w.size, w.calm = max(least, limit/2), 0
	if w.grow = (limit - w.size) / creep; w.grow == 0 {
		w.grow = least / creep
	}
	return w
}

// within is what of its limits a request may use.
func (w window) within(c Config) (bytes, docs int) {
	part := func(n int) int { return max(1, int(math.Round(w.size*float64(n)))) }
	return part(c.MaxBytes), part(c.MaxDocs)
}

// share is how much of its limits a request uses.
func (c Config) share(bytes, docs int) float64 {
	return min(1, max(float64(bytes)/float64(c.MaxBytes), float64(docs)/float64(c.MaxDocs)))
}
