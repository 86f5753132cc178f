// Package parttest starts real parts for one test, or for the tests of one package, and
// stops them at the end. It refuses to skip: a part that cannot start fails the test and
// says what is missing. Called by tests that need a server; a TestMain that wants another
// stack calls part.Start itself.
package parttest

import (
	"context"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/local/part"
)

// Start starts what the options name, in the repository's own cache and with a data
// folder of the test's unless they say otherwise.
func Start(t testing.TB, o part.Options) *part.Stack {
	t.Helper()
	ours := home(t)
	if o.Data == "" {
		o.Data = ours.Data
	}
	if o.Say == nil {
		o.Say = ours.Say
	}
	stack, err := part.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, stack) })
	return stack
}

func home(t testing.TB) part.Home {
	return part.Home{Data: t.TempDir(), Say: func(sentence string) { t.Log(sentence) }}
}

func stop(t testing.TB, what interface{ Stop(context.Context) error }) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := what.Stop(ctx); err != nil {
		t.Error(err)
	}
}
