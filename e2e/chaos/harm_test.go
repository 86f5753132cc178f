package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// harm is what faults under way share.
type harm struct {
	lettersDown atomic.Bool
	crowding    context.CancelFunc
	crowd       sync.WaitGroup
	frozen      []int
}

func (s *stage) putSecret(password string) error {
	text := login(password)
	_, err := s.secrets.PutSecretValue(s.Context(), &secretsmanager.PutSecretValueInput{SecretId: &s.secret, SecretString: &text})
	return err
}

// crowd is another's load on the same node: more writes at once than its queue takes.
func crowd(s *stage, _ *rand.Rand) error {
	if _, err := s.admin(http.MethodPut, "/neighbour", `{"settings":{"number_of_replicas":0}}`, http.StatusBadRequest); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(s.Context())
	s.crowding = cancel
	line := `{"index":{}}` + "\n" + `{"text":"` + strings.Repeat("some words of a neighbour ", 20) + `"}` + "\n"
	for range 40 {
		s.harm.crowd.Go(func() {
			for ctx.Err() == nil {
				if _, _, err := s.call(http.MethodPost, "/neighbour/_bulk", strings.Repeat(line, 100)); err != nil {
					time.Sleep(100 * time.Millisecond)
				}
			}
		})
	}
	return nil
}

func uncrowd(s *stage) error {
	s.crowding()
	s.harm.crowd.Wait()
	_, err := s.admin(http.MethodDelete, "/neighbour", "", http.StatusNotFound)
	return err
}

func (s *stage) stopNode() error {
	s.meet("node stands still (SIGSTOP)")
	return syscall.Kill(-s.node.Pid(), syscall.SIGSTOP)
}

func (s *stage) contNode() error { return syscall.Kill(-s.node.Pid(), syscall.SIGCONT) }

func killNode(s *stage, _ *rand.Rand) error {
	s.node.Kill()
	s.meet("node killed -9 and started again")
	return nil
}

func restartNode(s *stage) error { return s.node.Restart(s.Context()) }

func killManager(s *stage, _ *rand.Rand) error {
	s.manager.Kill()
	s.meet("cluster manager killed -9 and started again")
	return nil
}

func restartManager(s *stage) error { return s.manager.Restart(s.Context()) }

// toEnvironments does it once there is one.
func (s *stage) toEnvironments(name string, do func()) error {
	for len(s.ingest.PIDs()) == 0 && s.Context().Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	do()
	s.meet(name)
	return nil
}

// freeze stops the environments in the middle of what they do. Thawed, each finds its
// time gone and its connections given up by the other side.
func freeze(s *stage, _ *rand.Rand) error {
	return s.toEnvironments("environments frozen at work (SIGSTOP), thawed", func() {
		s.frozen = s.ingest.PIDs()
		s.signal(syscall.SIGSTOP)
	})
}

func thaw(s *stage) error {
	s.signal(syscall.SIGCONT)
	return nil
}

func (s *stage) signal(what syscall.Signal) {
	alive := map[int]bool{}
	for _, pid := range s.ingest.PIDs() {
		alive[pid] = true
	}
	for _, pid := range s.frozen {
		if alive[pid] { // one that was waited for may be another's number by now
			_ = syscall.Kill(-pid, what)
		}
	}
}

// roll runs rotate until an index is full enough to be rolled over.
func (s *stage) roll(kind string) error {
	before := s.metOf(kind)
	for end := time.Now().Add(patience); s.metOf(kind) == before && time.Now().Before(end); time.Sleep(time.Second) {
		if err := s.rotateAt(time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// rotateAt runs rotate as its schedule does, and counts the rollovers. A run that fails
// is repeated, as Lambda repeats it.
func (s *stage) rotateAt(at time.Time) error {
	var last error
	for attempt := 0; attempt < 30 && s.Context().Err() == nil; attempt++ {
		res, err := s.rotate.Invoke(s.Context(), fmt.Appendf(nil, `{"time":%q}`, at.UTC().Format(time.RFC3339)))
		if err == nil && res.FunctionError == "" {
			return s.countRollovers(res.Payload)
		}
		if last = err; err == nil {
			last = errors.New(string(res.Payload))
		}
		if !errors.Is(err, lambdatest.ErrThrottled) {
			time.Sleep(time.Second)
		}
	}
	return fmt.Errorf("rotate: %w", last)
}

func (s *stage) countRollovers(answer []byte) error {
	var a struct {
		Collections []struct {
			Steps []struct{ Action, Index, Outcome string }
		}
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return fmt.Errorf("rotate's answer %s: %w", answer, err)
	}
	for _, c := range a.Collections {
		for _, step := range c.Steps {
			if step.Action == "rollover" && step.Outcome == "done" {
				s.meet("rollover under traffic")
			}
		}
	}
	return nil
}
