package client

import "sync"

// How many attempts beyond the first an environment may have saved up, and has at first.
const (
	mostSaved = 10
	saved     = 3
)

// allowance is the retry budget: each call adds its share, each further attempt takes a
// whole one. So a failing cluster gets little more than it was asked for, not twice as much.
type allowance struct {
	share float64 // zero: no bounds

	mu    sync.Mutex
	saved float64
}

func newAllowance(percent int) *allowance {
	if percent >= 100 {
		percent = 0
	}
	return &allowance{share: float64(percent) / 100, saved: saved}
}

func (a *allowance) called() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.saved = min(a.saved+a.share, mostSaved)
}

func (a *allowance) take() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.share == 0 {
		return true
	}
	if a.saved < 1 {
		return false
	}
	a.saved--
	return true
}
