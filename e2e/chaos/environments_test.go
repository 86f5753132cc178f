package chaos

import (
	"syscall"
	"time"
)

func killEnvironments(b blow) error {
	return toEnvironments(b, func() { b.ingest.Kill(); b.stream.Kill() })
}

func endEnvironments(b blow) error {
	return toEnvironments(b, func() { b.ingest.Shutdown(); b.stream.Shutdown() })
}

// freeze stops the environments in the middle of what they do. Thawed, each finds its
// time gone and its connections given up by the other side.
func freeze(b blow) error {
	return toEnvironments(b, func() {
		b.frozen = b.ingest.PIDs()
		b.signal(syscall.SIGSTOP)
	})
}

func thaw(s *stage) error {
	s.signal(syscall.SIGCONT)
	return nil
}

// toEnvironments does it once there is one.
func toEnvironments(b blow, do func()) error {
	for len(b.ingest.PIDs()) == 0 && b.Context().Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	do()
	b.met()
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
