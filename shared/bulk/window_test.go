package bulk

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A scenario is a string: s stored, R refused (429) with a full request, r with one of a
// tenth, L too large, T slow.
func after(w window, events string) window {
	for _, e := range events {
		switch e {
		case 's':
			w = w.stored()
		case 'R':
			w = w.refused(w.size)
		case 'r':
			w = w.refused(0.1)
		case 'L':
			w = w.tooLarge(w.size)
		case 'T':
			w = w.slow(w.size)
		}
	}
	return w
}

func TestWindowAdapts(t *testing.T) {
	well := func(n int) string { return strings.Repeat("s", n) }
	for _, c := range []struct {
		scenario, events string
		docs             int
		pause            time.Duration
	}{
		{"begins at the configured limits", "", 1000, 0},
		{"stays there while all goes well", well(5000), 1000, 0},
		{"a refusal halves the size and makes it wait", "R", 500, 100 * time.Millisecond},
		{"two", "RR", 250, 200 * time.Millisecond},
		{"a refused small request halves what it held", "r", 50, 100 * time.Millisecond},
		{"refusals end at the floor and the longest pause", "RRRRRRRRRRRRRRRRRRRR", 15, time.Second},
		{"one step back", "Rs", 515, 98437500 * time.Nanosecond},
		{"at half the way", "R" + well(16), 750, 75 * time.Millisecond},
		{"where it was refused, after 32 that went well", "R" + well(32), 1000, 50 * time.Millisecond},
		{"beyond that soon no pause", "R" + well(37), 1000, 0},
		{"back from the floor: first a step at a time", strings.Repeat("R", 20) + well(32), 31, 500 * time.Millisecond},
		{"then ever faster", strings.Repeat("R", 20) + well(38), 92, 0},
		{"until the limits", strings.Repeat("R", 20) + well(42), 1000, 0},
		{"a slow answer takes a quarter and does not wait", "T", 750, 0},
		{"slow ones end at the floor", strings.Repeat("T", 50), 15, 0},
		{"too large halves and does not wait", "L", 500, 0},
		{"a refusal while it creeps begins anew", "R" + well(16) + "R", 375, 150 * time.Millisecond},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			w := after(openWindow(), c.events)
			if _, docs := w.within(Config{MaxBytes: 5 << 20, MaxDocs: 1000}); docs != c.docs || w.pause != c.pause {
				t.Errorf("%d documents and a pause of %s, want %d and %s (%+v)", docs, w.pause, c.docs, c.pause, w)
			}
		})
	}
}

// A server that takes nothing over a size that the window does not know.
func TestWindowFindsALimitByRefusingFewRequests(t *testing.T) {
	for _, limit := range []float64{0.9, 0.5, 0.13, 0.02} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			w, refused, full := openWindow(), 0, 0.0
			const warm, n = 200, 10_000
			for i := range warm + n {
				if w.size > limit {
					w = w.refused(w.size)
					if i >= warm {
						refused++
					}
					continue
				}
				w = w.stored()
				if i >= warm {
					full += w.size / limit
				}
			}
			if rate := float64(refused) / n; rate > 0.035 || refused == 0 {
				t.Errorf("%.1f%% of the requests were refused", rate*100)
			}
			if use := full / n; use < 0.7 {
				t.Errorf("uses %.0f%% of what the server takes", use*100)
			}
		})
	}
}

func TestWindowNeverAsksForNothing(t *testing.T) {
	w := after(openWindow(), strings.Repeat("RLT", 100))
	if bytes, docs := w.within(Config{MaxBytes: 1024, MaxDocs: 1}); bytes < 1 || docs != 1 {
		t.Error(bytes, docs)
	}
}
