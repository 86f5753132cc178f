package lambdatest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestShutdownSendsSIGTERMOnlyToARegisteredExtension(t *testing.T) {
	for _, registered := range []bool{true, false} {
		t.Run(fmt.Sprintf("registered=%v", registered), func(t *testing.T) {
			env := map[string]string{}
			if registered {
				env["PROBE_SIGTERM"] = "yes"
			}
			f, book := start(t, Config{Env: env, Freeze: true})
			id, _ := who(t, f)
			began := time.Now()
			f.Shutdown()
			took := time.Since(began)
			if alive(id.PID) {
				t.Error("the process lives")
			}
			if book.has("probe: SIGTERM") != registered {
				t.Errorf("SIGTERM seen: %v", !registered)
			}
			// The probe lives on after SIGTERM: SIGKILL ends it.
			if registered && took < 450*time.Millisecond {
				t.Errorf("SIGKILL after %v, want 500 ms", took)
			}
		})
	}
}

func TestShutdownReachesABusyEnvironment(t *testing.T) {
	f, book := start(t, Config{Env: map[string]string{"PROBE_SIGTERM": "yes"}})
	who(t, f)
	var all sync.WaitGroup
	all.Go(func() {
		wantError(t, invoke(t, f, `{"do":"hang"}`), "Runtime.ExitError", "RequestId: <id> Error: Runtime exited with error: signal: killed")
	})
	eventually(t, "the invocation began", func() bool { return book.has("hang") })
	f.Shutdown()
	all.Wait()
	if !book.has("probe: SIGTERM") {
		t.Error("no SIGTERM")
	}
}

func TestAnswerWithinTheGraceIsTheInvocationsAnswer(t *testing.T) {
	f, book := start(t, Config{Env: map[string]string{"PROBE_SIGTERM": "yes"}})
	who(t, f)
	var all sync.WaitGroup
	all.Go(func() {
		if r := invoke(t, f, `{"sleep":200}`); r.FunctionError != "" {
			t.Errorf("%s", r.Payload)
		}
	})
	eventually(t, "the invocation began", func() bool { return book.has("sleep") })
	f.Shutdown()
	all.Wait()
}

func TestCloseLetsTheRunningInvocationEndAndRefusesMore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	book := &logbook{}
	f, err := Start(ctx, Config{Name: "probe", Bootstrap: probePath, Log: book.add})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		if r := invoke(t, f, `{"sleep":300}`); r.FunctionError != "" {
			t.Errorf("%s", r.Payload)
		}
	})
	eventually(t, "the invocation began", func() bool { return book.has("sleep") })
	cancel()
	f.Close()
	all.Wait()
	if _, err := f.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, ErrClosed) {
		t.Errorf("%v, want ErrClosed", err)
	}
	if pids := f.PIDs(); len(pids) != 0 {
		t.Errorf("processes %v live", pids)
	}
}

func TestStartRefusesWhatIsNoBootstrap(t *testing.T) {
	if _, err := Start(t.Context(), Config{Name: "x", Bootstrap: "testdata/none"}); err == nil || !strings.Contains(err.Error(), "not an executable file") {
		t.Errorf("%v", err)
	}
}
