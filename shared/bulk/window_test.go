package bulk

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A scenario is a string: s stored, P pressed (429, slow) by a full request, p by one of a
// tenth, L too large, m stored but for many items, f but for a few.
func after(w window, events string) window {
	for _, e := range events {
		switch e {
		case 's':
			w = w.stored()
		case 'P':
			w = w.pressed(w.size)
		case 'p':
			w = w.pressed(0.1)
		case 'L':
			w = w.tooLarge(w.size)
		case 'm':
			w = w.tooLarge(w.size).inPart()
		case 'f':
			w = w.inPart()
		}
	}
	return w
}

func TestWindowAdapts(t *testing.T) {
	well := func(n int) string { return strings.Repeat("s", n) }
	floor := strings.Repeat("P", 20)
	for _, c := range []struct {
		scenario, events string
		docs             int
		pause            time.Duration
	}{
		{"begins at the configured limits", "", 1000, 0},
		{"stays there while all goes well", well(5000), 1000, 0},
		{"pressed once: half the size, and it waits", "P", 500, 100 * time.Millisecond},
		{"pressed twice", "PP", 250, 200 * time.Millisecond},
		{"pressed by a small request: half of what it held", "p", 50, 100 * time.Millisecond},
		{"pressed for ever: the floor and the longest pause", floor, 16, 2 * time.Second},
		{"half of the way back", "P" + well(32), 750, 75 * time.Millisecond},
		{"back where it was pressed, after 64 that went well", "P" + well(64), 1000, 50 * time.Millisecond},
		{"beyond that soon no pause", "P" + well(70), 1000, 0},
		{"back from the floor: first a step at a time", floor + well(64), 31, time.Second},
		{"then ever faster", floor + well(70), 62, 0},
		{"until the limits", floor + well(76), 1000, 0},
		{"too large: half the size, and no wait", "L", 500, 0},
		{"stored but for a few items: as large as before, half the wait", "PPf", 250, 100 * time.Millisecond},
		{"stored but for many: half the size, half the wait", "PPm", 125, 100 * time.Millisecond},
		{"stored in part again and again: soon no wait", floor + "fffff", 16, 0},
		{"stored in part without having waited", "f", 1000, 0},
		{"pressed while it creeps: begins anew", "P" + well(32) + "P", 375, 150 * time.Millisecond},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			w := after(openWindow(), c.events)
			if _, docs := w.within(Config{MaxBytes: 5 << 20, MaxDocs: 1000}); docs != c.docs || w.pause.Round(time.Microsecond) != c.pause {
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
					w = w.pressed(w.size)
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
			if rate := float64(refused) / n; rate > 0.02 || refused == 0 {
				t.Errorf("%.1f%% of the requests were refused", rate*100)
			}
			if use := full / n; use < 0.7 {
				t.Errorf("uses %.0f%% of what the server takes", use*100)
			}
		})
	}
}

func TestWindowNeverAsksForNothing(t *testing.T) {
	w := after(openWindow(), strings.Repeat("PL", 100))
	if bytes, docs := w.within(Config{MaxBytes: 1024, MaxDocs: 1}); bytes < 1 || docs != 1 {
		t.Error(bytes, docs)
	}
}
