package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"
)

func TestEveryKindHasANameAStatusAndAFate(t *testing.T) {
	for kind, want := range map[Kind]struct {
		name      string
		status    int
		temporary bool
	}{
		Internal:     {"internal", 500, false},
		Invalid:      {"invalid", 400, false},
		Unauthorized: {"unauthorized", 401, false},
		Forbidden:    {"forbidden", 403, false},
		NotFound:     {"not_found", 404, false},
		Conflict:     {"conflict", 409, false},
		TooLarge:     {"too_large", 413, false},
		Throttled:    {"throttled", 429, true},
		Unavailable:  {"unavailable", 503, true},
		Timeout:      {"timeout", 504, true},
	} {
		if kind.String() != want.name || kind.Status() != want.status || kind.Temporary() != want.temporary {
			t.Errorf("%s: %d, temporary %t", kind, kind.Status(), kind.Temporary())
		}
	}
	if len(kinds) != int(Timeout)+1 {
		t.Error("a kind is missing here")
	}
}

func TestAFaultIsFoundThroughWrapping(t *testing.T) {
	cause := Wrap(Throttled, "try again later", io.ErrUnexpectedEOF)
	cause.RetryAfter = 3 * time.Second
	err := fmt.Errorf("bulk: %w", cause)
	if KindOf(err) != Throttled || Message(err) != "try again later" || RetryAfter(err) != 3*time.Second {
		t.Fatalf("%s, %q, %s", KindOf(err), Message(err), RetryAfter(err))
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal("the cause is lost")
	}
	if got := err.Error(); got != "bulk: try again later: unexpected EOF" {
		t.Fatal(got)
	}
}

func TestTheOutermostFaultDecides(t *testing.T) {
	err := Wrap(Unavailable, "search is unavailable", New(Conflict, "a conflict"))
	if KindOf(err) != Unavailable || Message(err) != "search is unavailable" {
		t.Fatalf("%s, %q", KindOf(err), Message(err))
	}
}

func TestWhatIsNoFaultIsInternalAndSaysNothing(t *testing.T) {
	err := errors.New("password p4ssw0rd rejected")
	if KindOf(err) != Internal || Message(err) != "internal error" || RetryAfter(err) != 0 {
		t.Fatalf("%s, %q", KindOf(err), Message(err))
	}
	if KindOf(nil) != Internal {
		t.Fatal("no error has another kind")
	}
	if got := New(Invalid, "no index named").Error(); got != "no index named" {
		t.Fatal(got)
	}
}
