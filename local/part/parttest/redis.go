package parttest

import (
	"syscall"
	"testing"

	"github.com/sluice-dev/sluice/local/part"
)

// Redis is a real redis-server of the test's own, which may stop or kill it.
func Redis(t testing.TB, o part.RedisOptions) *part.Redis {
	t.Helper()
	r, err := part.StartRedis(t.Context(), home(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-r.Pid(), syscall.SIGCONT)
		r.Kill()
	})
	return r
}
