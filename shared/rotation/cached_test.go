package rotation

import (
	"sync"
	"testing"
	"time"
)

// Every environment writes many events at once, of both sides of a period's end and of
// every zone: a target that is kept from the event before must be that of its own period.
func TestATargetIsThatOfItsOwnPeriodHoweverManyWriteAtOnce(t *testing.T) {
	now := time.Date(2024, 3, 31, 12, 0, 0, 0, time.UTC)
	ends := []time.Time{
		time.Date(2024, 3, 31, 1, 0, 0, 0, time.UTC), // Europe's clocks go on
		time.Date(2024, 3, 31, 0, 0, 0, 0, time.UTC), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2023, 10, 29, 1, 0, 0, 0, time.UTC),
	}
	zones := []*time.Location{time.UTC, time.FixedZone("", 14*3600), time.FixedZone("", -12*3600), time.FixedZone("", 5*3600+45*60)}
	for period, layout := range map[string]string{"hour": "2006-01-02t15", "day": "2006-01-02", "month": "2006-01"} {
		policy, err := Build("logs", Config{Policy: "periodic", Period: period}, Mapping{})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for j := range 2000 {
					at := ends[(i+j)%len(ends)].Add(time.Duration(j%3-1) * time.Nanosecond)
					target, err := policy.WriteTarget(at.In(zones[j%len(zones)]), now)
					if want := "logs-" + at.Format(layout); err != nil || target.Index != want || target.Name != want+".write" {
						t.Errorf("%s: %s became %+v, want %s (%v)", period, at, target, want, err)
						return
					}
				}
			})
		}
		all.Wait()
	}
}
