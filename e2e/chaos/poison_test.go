package chaos

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"strings"
)

// poison is what can never be stored. Each has to become a dead letter of its class,
// with its body unchanged.
type poison struct {
	name       string
	class      string // the dead letter's type
	collection string
	encoding   string
	body       func(mark, at string) string
}

var poisons = []poison{
	{"not JSON", "not_json", "access", "", func(mark, _ string) string { return `{"n":1,"message":"` + mark }},
	{"unknown collection", "unknown_collection", "nobody", "", func(mark, _ string) string { return `{"message":"` + mark + `"}` }},
	{"no id", "id_missing", "metrics", "", func(mark, _ string) string { return `{"message":"` + mark + `"}` }},
	{"id too long", "id_too_long", "metrics", "", func(mark, _ string) string {
		return `{"id":"` + strings.Repeat("x", 513) + `","message":"` + mark + `"}`
	}},
	{"wrong version", "version_invalid", "account", "", func(mark, _ string) string { return `{"id":"` + mark + `","version":"newest"}` }},
	{"a key twice", "duplicate_field", "account", "", func(mark, _ string) string { return `{"id":"` + mark + `","version":1,"version":2}` }},
	{"nested too deep", "too_deep", "access", "", func(mark, at string) string {
		return stamped(mark, at) + `,"more":` + strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 201)
	}},
	{"event time in the future", "time_in_future", "access", "", func(mark, _ string) string {
		return `{"@timestamp":"2999-01-01T00:00:00Z","message":"` + mark + `"}`
	}},
	{"event time out of the past", "time_in_past", "access", "", func(mark, _ string) string {
		return `{"@timestamp":"1970-01-01T00:00:00Z","message":"` + mark + `"}`
	}},
	{"mapping conflict", "mapper_parsing_exception", "access", "", func(mark, at string) string { return stamped(mark, at) + `,"host":"no address"}` }},
	{"larger than the node takes", "too_large", "access", "", func(mark, at string) string {
		return stamped(mark, at) + `,"more":"` + strings.Repeat("large ", 80_000) + `"}`
	}},
	{"gzip bomb", "not_gzip", "access", "base64", func(_, _ string) string { return bomb }},
	{"empty", "empty_body", "access", "", func(_, _ string) string { return " \n" }},
	{"not JSON, in the stream", "not_json", "events", "", func(mark, _ string) string { return `{"n":1,"message":"` + mark }},
}

func stamped(mark, at string) string { return `{"@timestamp":"` + at + `","message":"` + mark + `"` }

// mark names one poison: it is in the message's id, where the body has no room for it.
func mark(kind, n int) string { return fmt.Sprintf("poison-%d-%d", kind, n) }

// bomb is 64 MiB of zeros.
var bomb = func() string {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	for range 64 {
		_, _ = z.Write(make([]byte, 1<<20))
	}
	_ = z.Close()
	return base64.StdEncoding.EncodeToString(out.Bytes())
}()
