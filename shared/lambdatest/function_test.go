package lambdatest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var probePath string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "probe")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		probePath, err = Compile(context.Background(), "./testdata/probe", dir)
		if err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

// logbook keeps the lines of a function's log.
type logbook struct {
	mu    sync.Mutex
	lines []string
}

func (l *logbook) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *logbook) has(part string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.lines, func(s string) bool { return strings.Contains(s, part) })
}

func start(t *testing.T, cfg Config) (*Function, *logbook) {
	t.Helper()
	book := &logbook{}
	cfg.Name, cfg.Bootstrap, cfg.Log = "probe", probePath, book.add
	f, err := Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f, book
}

func invoke(t *testing.T, f *Function, payload string) Result {
	t.Helper()
	result, err := f.Invoke(t.Context(), []byte(payload))
	if err != nil {
		t.Fatalf("invoke %s: %v", payload, err)
	}
	return result
}

type identity struct {
	PID     int      `json:"pid"`
	Dir     string   `json:"dir"`
	Env     []string `json:"env"`
	Request string   `json:"request"`
	ARN     string   `json:"arn"`
	LeftMS  int64    `json:"left_ms"`
}

func who(t *testing.T, f *Function) (identity, Result) {
	t.Helper()
	result := invoke(t, f, `{"do":"who"}`)
	var id identity
	if err := json.Unmarshal(result.Payload, &id); err != nil {
		t.Fatalf("%s: %v", result.Payload, err)
	}
	return id, result
}

func wantError(t *testing.T, r Result, kind, message string) {
	t.Helper()
	var got struct{ ErrorType, ErrorMessage string }
	if err := json.Unmarshal(r.Payload, &got); err != nil {
		t.Fatalf("%s: %v", r.Payload, err)
	}
	message = strings.ReplaceAll(message, "<id>", r.RequestID)
	if r.FunctionError != "Unhandled" || got.ErrorType != kind || got.ErrorMessage != message {
		t.Errorf("function error %q, payload %s; want type %q and message %q", r.FunctionError, r.Payload, kind, message)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestWarmEnvironmentIsUsedAgainAndColdStartMeasuredOnce(t *testing.T) {
	f, _ := start(t, Config{})
	first, cold := who(t, f)
	second, warm := who(t, f)
	if first.PID != second.PID {
		t.Errorf("processes %d and %d, want one", first.PID, second.PID)
	}
	if cold.ColdStart <= 0 || cold.ColdStart > 5*time.Second || warm.ColdStart != 0 {
		t.Errorf("cold starts %v and %v", cold.ColdStart, warm.ColdStart)
	}
	if first.Request == second.Request || first.Request != cold.RequestID {
		t.Errorf("request ids %q (answered as %q) and %q", first.Request, cold.RequestID, second.Request)
	}
}

func TestFunctionSeesItsOwnEnvironmentDirectoryDeadlineAndARN(t *testing.T) {
	t.Setenv("SECRET_OF_THE_TEST", "x")
	dir := t.TempDir()
	f, _ := start(t, Config{Dir: dir, Env: map[string]string{"MINE": "1"}, Timeout: 20 * time.Second, MemorySize: 512})
	id, _ := who(t, f)
	for _, want := range []string{"MINE=1", "AWS_LAMBDA_FUNCTION_NAME=probe", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "LAMBDA_TASK_ROOT=" + dir, "AWS_REGION=us-east-1"} {
		if !slices.Contains(id.Env, want) {
			t.Errorf("environment lacks %s", want)
		}
	}
	if strings.Contains(strings.Join(id.Env, " "), "SECRET_OF_THE_TEST") {
		t.Error("the test's own environment is inherited")
	}
	if id.Dir != dir || id.ARN != "arn:aws:lambda:us-east-1:000000000000:function:probe" {
		t.Errorf("directory %q, ARN %q", id.Dir, id.ARN)
	}
	if id.LeftMS < 15_000 || id.LeftMS > 20_000 {
		t.Errorf("%d ms left of 20,000", id.LeftMS)
	}
}

func TestReturnedErrorKeepsTheEnvironment(t *testing.T) {
	f, _ := start(t, Config{})
	before, _ := who(t, f)
	wantError(t, invoke(t, f, `{"do":"fail"}`), "errorString", "told to fail")
	if after, _ := who(t, f); after.PID != before.PID {
		t.Error("the environment was replaced after an error that the handler returned")
	}
}

func TestPanicIsAnErrorWithStackTraceAndReplacesTheEnvironment(t *testing.T) {
	f, _ := start(t, Config{})
	before, _ := who(t, f)
	r := invoke(t, f, `{"do":"panic"}`)
	wantError(t, r, "string", "told to panic")
	if !strings.Contains(string(r.Payload), `"stackTrace"`) {
		t.Errorf("no stack trace in %s", r.Payload)
	}
	if after, cold := who(t, f); after.PID == before.PID || cold.ColdStart == 0 {
		t.Error("the panicked process was used again")
	}
}

func TestExitIsARuntimeExitErrorAndReplacesTheEnvironment(t *testing.T) {
	f, _ := start(t, Config{})
	wantError(t, invoke(t, f, `{"do":"exit"}`), "Runtime.ExitError", "RequestId: <id> Error: Runtime exited with error: exit status 2")
	who(t, f)
}

func TestTimeoutKillsAnswersAsLambdaDoesAndReplacesTheEnvironment(t *testing.T) {
	f, _ := start(t, Config{Timeout: time.Second})
	before, _ := who(t, f)
	r := invoke(t, f, `{"do":"hang"}`)
	wantError(t, r, "Sandbox.Timedout", "RequestId: <id> Error: Task timed out after 1.00 seconds")
	if alive(before.PID) {
		t.Error("the hanging process lives")
	}
	if after, cold := who(t, f); after.PID == before.PID || cold.ColdStart == 0 {
		t.Error("the hanging process was used again")
	}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestExitWhileStartingIsAnErrorOfEachInvocation(t *testing.T) {
	f, book := start(t, Config{Env: map[string]string{"PROBE_INIT": "exit"}})
	for range 2 {
		wantError(t, invoke(t, f, `{}`), "Runtime.ExitError", "RequestId: <id> Error: Runtime exited with error: exit status 3")
	}
	if !book.has("probe: exit while starting") {
		t.Error("stderr is not in the log")
	}
}

func TestEnvironmentKilledWhileIdleIsReplacedUnnoticed(t *testing.T) {
	f, _ := start(t, Config{})
	before, _ := who(t, f)
	f.Kill()
	if alive(before.PID) {
		t.Error("killed process lives")
	}
	if after, cold := who(t, f); after.PID == before.PID || cold.ColdStart == 0 {
		t.Error("no cold start after Kill")
	}
}

func TestEachEnvironmentRunsOneInvocationAtATimeAndOneMoreIsThrottled(t *testing.T) {
	f, _ := start(t, Config{Concurrency: 2})
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { invoke(t, f, `{"sleep":1500}`) })
	}
	eventually(t, "two environments", func() bool { return len(f.PIDs()) == 2 })
	if _, err := f.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, ErrThrottled) {
		t.Errorf("third concurrent invocation: %v, want ErrThrottled", err)
	}
	all.Wait()
	eventually(t, "an idle environment", func() bool {
		_, err := f.Invoke(t.Context(), []byte(`{}`))
		return err == nil
	})
	if n := len(f.PIDs()); n != 2 {
		t.Errorf("%d environments, want the same 2", n)
	}
}

func TestCallerWhoLeavesDoesNotStopTheFunction(t *testing.T) {
	f, book := start(t, Config{})
	who(t, f)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := f.Invoke(ctx, []byte(`{"sleep":300,"do":"exit"}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the context's error", err)
	}
	pid := f.PIDs()
	eventually(t, "the function went on to its end", func() bool { return len(f.PIDs()) == 0 })
	if len(pid) != 1 || !book.has(`"sleep":300`) {
		t.Error("the function did not run on")
	}
}

func TestPayloadOver6MBIsRefusedBothWays(t *testing.T) {
	f, _ := start(t, Config{})
	if _, err := f.Invoke(t.Context(), bytes.Repeat([]byte("1"), MaxPayload+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("request: %v, want ErrTooLarge", err)
	}
	wantError(t, invoke(t, f, fmt.Sprintf(`{"do":"big","bytes":%d}`, MaxPayload)), "Function.ResponseSizeTooLarge",
		"Response payload size exceeded maximum allowed payload size (6291556 bytes).")
	if r := invoke(t, f, fmt.Sprintf(`{"do":"big","bytes":%d}`, MaxPayload-2)); len(r.Payload) != MaxPayload || r.FunctionError != "" {
		t.Errorf("a response of exactly 6 MB: %d bytes, %q", len(r.Payload), r.FunctionError)
	}
}
