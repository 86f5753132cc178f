package lambdatest

import (
	"testing"
)

func TestPostedInitErrorIsTheInvocationsAnswer(t *testing.T) {
	f, book := start(t, Config{Env: map[string]string{"PROBE_INIT": "error"}})
	wantError(t, invoke(t, f, `{}`), "Probe.Init", "no settings")
	if !book.has("202 Accepted") {
		t.Error("init/error was not accepted")
	}
}

func TestRuntimeAPITakesOneAnswerPerInvocationAndOnlyForTheOneThatRuns(t *testing.T) {
	f, book := start(t, Config{})
	r := invoke(t, f, `{"do":"post","paths":["invocation/other/response","invocation/<id>/response","invocation/<id>/error"]}`)
	if string(r.Payload) != `"posted"` || r.FunctionError != "" {
		t.Errorf("answer %s %s, want the first one posted", r.Payload, r.FunctionError)
	}
	for _, line := range []string{"invocation/other/response 400 Bad Request", "invocation/<id>/response 202 Accepted", "invocation/<id>/error 400 Bad Request"} {
		if !book.has(line) {
			t.Errorf("log lacks %q", line)
		}
	}
	// aws-lambda-go's own answer is the third and refused, whereupon it exits.
	if after, cold := who(t, f); cold.ColdStart == 0 {
		t.Errorf("process %d was used again", after.PID)
	}
}

func TestEnvironmentLeavesNoProcessWhenStartingTakesTooLong(t *testing.T) {
	f, _ := start(t, Config{Env: map[string]string{"PROBE_INIT": "hang"}, initLimit: 300e6})
	wantError(t, invoke(t, f, `{}`), "Sandbox.Timedout", "RequestId: <id> Error: Task timed out after 0.30 seconds")
	if pids := f.PIDs(); len(pids) != 0 {
		t.Errorf("processes %v", pids)
	}
}
