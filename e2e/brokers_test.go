package e2e

import (
	"fmt"
	"time"
)

// stored waits for n documents, and that they stay n.
func (s *scene) stored(n int) {
	s.Helper()
	eventually(s, 2*time.Minute, func() string {
		if got := len(s.documents()); got < n {
			return fmt.Sprintf("%d documents of %d", got, n)
		}
		return ""
	})
	time.Sleep(time.Second)
	if got := len(s.documents()); got != n {
		s.Errorf("%d documents, want %d", got, n)
	}
}

// buriedOnce checks that each of these bodies is one dead letter, with this cause.
func (s *scene) buriedOnce(cause string, want ...string) {
	s.Helper()
	letters := s.deadLetters()
	s.same("dead letters", sorted(bodies(letters)), sorted(want))
	for _, m := range letters {
		if got := attribute(m, "cause"); got != cause {
			s.Errorf("cause %q, want %q", got, cause)
		}
	}
}
