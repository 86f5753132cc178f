// Package parttest starts real parts for one test and stops them at its end. It refuses
// to skip: a part that cannot start fails the test and says what is missing. Called by
// tests that need a server; a TestMain calls part.Start itself.
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
	if o.Data == "" {
		o.Data = t.TempDir()
	}
	if o.Say == nil {
		o.Say = func(sentence string) { t.Log(sentence) }
	}
	stack, err := part.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := stack.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return stack
}
