package part

import (
	"context"
	"os"
	"strings"
	"testing"
)

func TestPostgresStartsAsWhoeverWeAreAndLeavesNothing(t *testing.T) {
	p, err := StartPostgres(t.Context(), Home{Data: t.TempDir()}, PostgresOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.serves(t.Context()); err != nil || !strings.HasPrefix(p.URL, "postgres://postgres@127.0.0.1:") {
		t.Errorf("%s: %v", p.URL, err)
	}
	if err := p.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(p.dir); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", p.dir, err)
	}
	if err := p.serves(t.Context()); err == nil {
		t.Error("it serves still")
	}
}
