package rotation

import (
	"errors"
	"testing"
	"time"
)

func TestClockOf1970MakesNoIndexWhereThePastIsBounded(t *testing.T) {
	now := time.Date(2026, 6, 25, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		max  string
		at   time.Time
		want string
	}{
		{"90d", time.Unix(0, 0), "time_in_past"},
		{"90d", now.AddDate(0, 0, -91), "time_in_past"},
		{"90d", now.AddDate(0, 0, -89), ""},
		{"", time.Unix(0, 0), ""},
	} {
		p, err := Build("logs", Config{Policy: "periodic", Period: "day", MaxPast: c.max}, Mapping{Properties: []byte(`{}`), Time: "@timestamp"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.WriteTarget(c.at, now)
		refused := ""
		if r, ok := errors.AsType[*Refusal](err); ok {
			refused = r.Cause
		}
		if refused != c.want {
			t.Errorf("max_past %q, %s: refused %q, want %q", c.max, c.at.Format(time.DateOnly), refused, c.want)
		}
	}
	if _, err := Build("logs", Config{Policy: "single", MaxPast: "90"}, Mapping{Properties: []byte(`{}`)}); err == nil {
		t.Error("90 without a unit was taken")
	}
}
