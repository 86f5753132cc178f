package collection

import (
	"testing"
	"time"
)

func timed(t *testing.T, formats, mapping string) *Documents {
	t.Helper()
	set, err := Load(folder(`
-- logs.yaml --
name: logs
append_only: true
time: {field: at, formats: [` + formats + `], missing: arrival}
index: {policy: periodic, period: day}
fields:
  at: {type: date` + mapping + `}
`))
	if err != nil {
		t.Fatal(err)
	}
	return NewDocuments(set.All()[0])
}

// A date field without a format reads RFC 3339 and milliseconds: any other time would be
// refused, or read as a day of 1970, and found by no search.
func TestTimeIsStoredAsItsMappingReadsIt(t *testing.T) {
	arrived := time.Date(2026, 5, 17, 9, 30, 0, 0, time.UTC)
	for _, c := range []struct{ why, formats, mapping, document, want string }{
		{"RFC 3339 stays as it is", "rfc3339", "", `{"at":"2026-05-17T11:30:00+02:00","a":1}`, `{"at":"2026-05-17T11:30:00+02:00","a":1}`},
		{"milliseconds stay", "unix_ms", "", `{"at":1779010200000}`, `{"at":1779010200000}`},
		{"seconds would be 1970", "rfc3339, unix", "", `{"a":1,"at":1779010200,"b":2}`, `{"a":1,"at":"2026-05-17T09:30:00.000Z","b":2}`},
		{"nanoseconds in a text, as OpenTelemetry writes them", "unix_ns", "", `{"at":"1779010200000000123"}`, `{"at":"2026-05-17T09:30:00.000000123Z"}`},
		{"a layout", "2006-01-02 15:04:05", "", `{"at":"2026-05-17 09:30:00"}`, `{"at":"2026-05-17T09:30:00.000Z"}`},
		{"a mapping that knows the format", "unix", ", format: epoch_second", `{"at":1779010200}`, `{"at":1779010200}`},
		{"arrival where seconds are written", "unix", "", `{"a":1}`, `{"at":"2026-05-17T09:30:00.000Z","a":1}`},
		{"arrival where the mapping wants seconds", "unix", ", format: epoch_second", `{}`, `{"at":1779010200}`},
	} {
		change, err := timed(t, c.formats, c.mapping).Change(Record{Position: "1", Arrived: arrived}, Sole, []byte(c.document))
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if string(change.Body) != c.want || !change.Time.Truncate(time.Second).Equal(arrived) {
			t.Errorf("%s: got %s at %s, want %s", c.why, change.Body, change.Time, c.want)
		}
	}
}
