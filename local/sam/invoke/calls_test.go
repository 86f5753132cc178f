package main

import (
	"os"
	"testing"
)

// `make sam` would find it after minutes only.
func TestEveryEventIsInACall(t *testing.T) {
	t.Chdir("../../..")
	if err := everyEvent(); err != nil {
		t.Error(err)
	}
	for _, c := range calls {
		if _, err := os.Stat("events/" + c.event); err != nil {
			t.Error(err)
		}
	}
}

// sam prints an answer with spaces of its own.
func TestAnAnswerIsReadHoweverItIsWritten(t *testing.T) {
	for answer, stored := range map[string]bool{
		`{"batchItemFailures":[]}`: true, `{"batchItemFailures": []}`: true, `{"batchItemFailures": [{"itemIdentifier": "1"}]}`: false,
	} {
		if judged([]byte(answer)) != nil || (allStored([]byte(answer)) == nil) != stored {
			t.Errorf("%s: %v %v", answer, judged([]byte(answer)), allStored([]byte(answer)))
		}
	}
	for _, answer := range []string{`{"batchItemFailures":null}`, `{}`, `null`, `"x"`, ``} {
		if judged([]byte(answer)) == nil || allStored([]byte(answer)) == nil {
			t.Errorf("%s is taken for a list", answer)
		}
	}
}
