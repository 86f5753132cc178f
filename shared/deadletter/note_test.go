package deadletter_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-dev/sluice/shared/deadletter"
)

func TestNoteComesBackAsItWas(t *testing.T) {
	version := int64(9007199254740993)
	n := deadletter.Note{Source: "arn:aws:sqs:us-east-1:000000000000:q", Position: "m\"1\"", Arrived: 1779008703310, Attempts: 2, Version: &version, Default: "logs"}
	got, ok := deadletter.Parse(n.String())
	if diff := cmp.Diff(n, got); diff != "" || !ok {
		t.Error(diff)
	}
}

func TestAnotherTextIsNoNote(t *testing.T) {
	for _, text := range []string{"", "x", "{}", "{", `{"attempts":0}`, `{"attempts":"1"}`, `[1]`, `{"source":"arn:x"}`} {
		if n, ok := deadletter.Parse(text); ok {
			t.Errorf("%s: %+v", text, n)
		}
	}
}
