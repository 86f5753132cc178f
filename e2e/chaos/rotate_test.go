package chaos

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// roll runs rotate until an index is full enough to be rolled over.
func roll(b blow) error {
	before := b.metOf(b.kind)
	for end := time.Now().Add(patience); b.metOf(b.kind) == before && time.Now().Before(end); time.Sleep(time.Second) {
		done, err := b.rotateAt(time.Now())
		if err != nil {
			return err
		}
		if done > 0 && b.kind == "rollover under traffic" {
			b.met()
		}
	}
	return nil
}

func rollUnanswered(b blow) error {
	b.wire.Inject(rollovers, 1, b.counted(faultproxy.ResetAfter))
	return roll(b)
}

// rotateAt runs rotate as its schedule does, and returns how many indices it rolled over.
// A run that fails is repeated, as Lambda repeats it.
func (s *stage) rotateAt(at time.Time) (rolled int, err error) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end) && s.Context().Err() == nil; time.Sleep(500 * time.Millisecond) {
		var res lambdatest.Result
		res, err = s.rotate.Invoke(s.Context(), fmt.Appendf(nil, `{"time":%q}`, at.UTC().Format(time.RFC3339)))
		if err == nil && res.FunctionError == "" {
			return rollsIn(res.Payload), nil
		}
		if err == nil {
			err = errors.New(string(res.Payload))
		}
	}
	return 0, fmt.Errorf("rotate: %w", err)
}

var rolledOver = regexp.MustCompile(`"action":"rollover(_stream)?"[^}]*"outcome":"done"`)

func rollsIn(answer []byte) int { return len(rolledOver.FindAll(answer, -1)) }

// midnight is the run of rotate after one of the midnights that the event times cross.
func midnight(b blow) error {
	first := b.began.Truncate(24 * time.Hour).Add(24 * time.Hour)
	if _, err := b.rotateAt(first.AddDate(0, 0, b.random.IntN(days)).Add(10 * time.Second)); err != nil {
		return err
	}
	b.met()
	return nil
}
