package lambdatest

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// state is the process's letter in /proc: T is stopped.
func state(t *testing.T, pid int) string {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return after[:1]
}

func TestFrozenBetweenInvocationsAndThawedByTheNext(t *testing.T) {
	f, _ := start(t, Config{Freeze: true})
	id, _ := who(t, f)
	eventually(t, "the process is stopped", func() bool { return state(t, id.PID) == "T" })
	again, warm := who(t, f)
	if again.PID != id.PID || warm.ColdStart != 0 {
		t.Error("freezing cost a cold start")
	}
	f.Thaw()
	eventually(t, "the process runs after Thaw", func() bool { return state(t, id.PID) != "T" })
	f.Freeze()
	eventually(t, "the process is stopped after Freeze", func() bool { return state(t, id.PID) == "T" })
}
