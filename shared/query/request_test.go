package query

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRequestsAreRefusedWithWhatWouldBeRight(t *testing.T) {
	dated := logs
	dated.MaxRange = 31 * 24 * time.Hour
	plain := logs
	plain.Wildcards, plain.Time = false, ""
	for _, c := range []struct {
		schema Schema
		params string
		name   string
		at     int
		says   string
	}{
		{logs, "q=levl:x", "q", 0, "did you mean level?"},
		{logs, "q=a+OR+path:x", "q", 5, "did you mean file.path?"},
		{logs, "q=secret:x*", "q", 0, `there is no field "secret"`},
		{logs, "q=user.email:*", "q", 0, "there is no field"},
		{logs, "q=user:*", "q", 0, "there is no field"},
		{logs, "q=attributes.:x", "q", 0, "there is no field"},
		{logs, "q=number:9223372036854775808", "q", 7, "outside the range of number (long): -9223372036854775808 to 9223372036854775807"},
		{logs, "q=size:%3E=40000", "q", 7, "outside the range of size (short)"},
		{logs, "q=number:1.0", "q", 7, "not a whole number"},
		{logs, "q=number:1*", "q", 7, "takes no wildcard"},
		{logs, "q=number:(-5+OR+3)", "q", 8, "a negative number or NOT"},
		{logs, "q=ratio:NaN", "q", 6, "not a number"},
		{logs, "q=ratio:0x1p-2", "q", 6, "not a number"},
		{logs, "q=ratio:1e999", "q", 6, "outside the range of ratio (double)"},
		{logs, "q=ok:yes", "q", 3, "neither true nor false"},
		{logs, "q=client.ip:localhost", "q", 10, "no IP address"},
		{logs, "q=client.ip:>10.0.0.0/8", "q", 11, "one address"},
		{logs, "q=message:[a+TO+b]", "q", 0, "has no order"},
		{logs, "q=place:x", "q", 6, "cannot be searched by value"},
		{logs, "q=raw:x", "q", 4, "not indexed"},
		{logs, "q=@timestamp:yesterday", "q", 11, "is not a time"},
		{logs, "q=@timestamp:2026-02-30", "q", 11, "not a time that exists"},
		{plain, "q=err*", "q", 0, "wildcards are not allowed"},
		{logs, "filter=level", "filter", 0, "write filter=field:value"},
		{logs, "filter=secret:x", "filter", 0, "there is no field"},
		{logs, "filter=number:x", "filter", 7, "not a whole number"},
		{logs, "filter=" + strings.Repeat("a", 2000), "filter", 0, "write filter"},
		{logs, "from=2026-05-02&to=2026-05-01", "from", -1, "is not before to"},
		{logs, "since=15", "since", -1, "no unit"},
		{logs, "since=15m&to=now", "since", -1, "leave one of them out"},
		{plain, "since=15m", "from", -1, "no event time"},
		{dated, "", "from", -1, "at most 31d at a time"},
		{dated, "from=2026-01-01&to=2026-03-01", "from", -1, "longer than 31d"},
		{dated, "since=40d", "from", -1, "longer than 31d"},
		{logs, "sort=message", "sort", 0, "cannot be sorted"},
		{logs, "sort=level,secret:asc", "sort", 6, "there is no field"},
		{logs, "sort=level:up", "sort", 0, "write level:asc or level:desc"},
		{logs, "sort=level,level,level,level,level,level", "sort", -1, "more than 5"},
		{logs, "size=501", "size", -1, "from 0 to 500"},
		{logs, "size=-1", "size", -1, "from 0 to 500"},
		{logs, "offset=9990&size=20", "offset", -1, "over 10000"},
		{logs, "offset=9223372036854775807", "offset", -1, "over 10000"},
		{logs, "fields=a,+b", "fields", -1, "is no field's name"},
		{logs, "q=attributes.n:%3E400", "q", 0, "has no order"},
		{logs, "q=load:1e39", "q", 5, "outside the range of load (float)"},
		{logs, "fields=secret.x", "fields", -1, "there is no field"},
		{logs, "fields=*", "fields", -1, "is no field's name"},
		{logs, "cursor=zzz", "cursor", -1, "not a cursor"},
		{logs, "cursor=" + strings.Repeat("A", 80), "cursor", -1, "begin again without it"},
		{logs, "querry=x", "querry", -1, "is not a parameter of this request, which takes cursor"},
		{logs, "form=x", "form", -1, "did you mean from?"},
		{logs, "level=x", "level", -1, "did you mean filter=level:value?"},
		{logs, "q=a&q=b", "q", -1, "given 2 times"},
		{logs, strings.Repeat("filter=level:x&", 33), "filter", -1, "given 33 times"},
		{logs, "fields=" + strings.Repeat("a,", 100), "fields", -1, "more than 100"},
		{logs, "to=" + strings.Repeat("9", 10000), "to", -1, "longer than 8192"},
		{logs, "filter=level:" + strings.Repeat("é", 1001), "filter", -1, "longer than 1000"},
		{logs, "q=%FF", "q", -1, "is not UTF-8"},
		{logs, "fields=%00", "fields", 0, "control character"},
	} {
		values, err := url.ParseQuery(c.params)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Read(c.schema, values, noon)
		all, _ := errors.AsType[Mistakes](err)
		if len(all) != 1 || all[0].Parameter != c.name || all[0].Position != c.at || !strings.Contains(all[0].Text, c.says) {
			t.Errorf("%.80s: %v, want %s at %d: %q", c.params, err, c.name, c.at, c.says)
		}
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	_, err := Read(logs, url.Values{"q": {"levl:x AND nmber:2"}, "size": {"x"}, "sort": {"y"}}, noon)
	if all, _ := errors.AsType[Mistakes](err); len(all) != 4 {
		t.Fatal(err)
	}
}

func TestTimesAreReadAsWritten(t *testing.T) {
	for text, want := range map[string][2]string{
		"2026-02":                      {"2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"},
		"2026-03+02:00":                {"2026-02-28T22:00:00.000Z", "2026-03-31T22:00:00.000Z"},
		"2026-01-05:00":                {"2026-01-01T05:00:00.000Z", "2026-02-01T05:00:00.000Z"},
		"2026-02-10":                   {"2026-02-10T00:00:00.000Z", "2026-02-11T00:00:00.000Z"},
		"2026-02-10+02:00":             {"2026-02-09T22:00:00.000Z", "2026-02-10T22:00:00.000Z"},
		"2026-02-10T08":                {"2026-02-10T08:00:00.000Z", "2026-02-10T09:00:00.000Z"},
		"2026-02-10 08:30":             {"2026-02-10T08:30:00.000Z", "2026-02-10T08:31:00.000Z"},
		"2026-02-10T08:00:00+02:00":    {"2026-02-10T06:00:00.000Z", "2026-02-10T06:00:01.000Z"},
		"2026-02-10T08:00:00 02:00":    {"2026-02-10T06:00:00.000Z", "2026-02-10T06:00:01.000Z"},
		"2026-02-10T00:00:00-0630":     {"2026-02-10T06:30:00.000Z", "2026-02-10T06:30:01.000Z"},
		"2026-02-10T08:00:00.1234567Z": {"2026-02-10T08:00:00.123Z", "2026-02-10T08:00:00.124Z"},
		"2026-02-10T23:59:59,5+00":     {"2026-02-10T23:59:59.500Z", "2026-02-10T23:59:59.501Z"},
		"1770710400":                   {"2026-02-10T08:00:00.000Z", "2026-02-10T08:00:01.000Z"},
		"1770710400123":                {"2026-02-10T08:00:00.123Z", "2026-02-10T08:00:00.124Z"},
		"now":                          {"2026-05-17T12:34:00.000Z", "2026-05-17T12:35:00.000Z"},
		"now-7d":                       {"2026-05-10T12:34:00.000Z", "2026-05-10T12:35:00.000Z"},
		"2024-02-29":                   {"2024-02-29T00:00:00.000Z", "2024-03-01T00:00:00.000Z"},
	} {
		m, err := readMoment(text, noon)
		if got := [2]string{m.start.Format(wire), m.end.Format(wire)}; err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "2026", "26-02-10", "2026-13-01", "2026-02-10T25:00", "2026-02T08", "2026-02-10T08:00:00+99:00", "20260210", "now-", "now-1y", "now+1", "2026-02-10T08.5"} {
		if m, err := readMoment(text, noon); err == nil {
			t.Errorf("%q is %v", text, m)
		}
	}
}

// A cursor names the documents of one place only, however small the pages are.
func TestCursorsDoNotGrow(t *testing.T) {
	values := url.Values{"q": {"level:error"}, "size": {"1"}}
	page := func(id, sort string) (shown int) {
		r, err := Read(logs, values, noon)
		if err != nil {
			t.Fatal(err)
		}
		next, err := r.Next([]Hit{{id, []byte(sort)}})
		if err != nil {
			t.Fatal(err)
		}
		values.Set("cursor", next)
		return r.Shown()
	}
	for i := range 1000 {
		if n := page("an id", fmt.Sprintf(`[5,"i",%d]`, i)); n > 1 {
			t.Fatal(i, n)
		}
	}
	for i := range 3 {
		if n := page(fmt.Sprint(i), `["<&>","i",7]`); n != max(i, 1) {
			t.Error(i, n)
		}
	}
}

// Without a key whoever knows how can make a cursor: it must do no harm.
func TestCursorsMadeByHandAreRefused(t *testing.T) {
	r := read(t, logs, "q=level:error")
	for _, payload := range []string{`{}`, `{"s":["x"]}`, `{"a":[1],"s":["x"]}`, `{"a":[1,"i",2,3]}`, `{"a":[{},"i",2]}`, `{"a":[1,["i"],2]}`, `{"t":1e99}`, `[]`, `x`, ``} {
		sum := mac(nil, r.binding, []byte(payload))
		text := base64.RawURLEncoding.EncodeToString(slices.Concat(sum, r.binding, veil(nil, sum, []byte(payload))))
		if _, err := Read(logs, url.Values{"q": {"level:error"}, "cursor": {text}}, noon); err == nil {
			t.Errorf("%s: accepted", payload)
		}
	}
}

// The last day that four digits can write is often meant as "for ever".
func TestTimesBehindTheYear9999AreWrittenSoThatOpenSearchReadsThem(t *testing.T) {
	for _, params := range []string{"to=9999-12-31", "q=@timestamp:9999-12-31"} {
		if got := body(t, read(t, logs, params)); !strings.Contains(string(got), `"lt":"+10000-01-01T00:00:00.000Z"`) {
			t.Errorf("%s: %s", params, got)
		}
	}
}

func TestCursorIsBoundToItsSearchAndKeepsItsClock(t *testing.T) {
	first := read(t, logs, "q=level:error&since=15m")
	next, err := first.Next([]Hit{{"a", []byte(`[5,"i",7]`)}, {"b", []byte(`[5,"i",6]`)}, {"c", []byte(`[5,"i",6]`)}})
	if err != nil {
		t.Fatal(err)
	}
	later := noon.Add(20 * time.Minute)
	values := url.Values{"q": {"level:error"}, "since": {"15m"}, "cursor": {next}, "size": {"7"}}
	second, err := Read(logs, values, later)
	if err != nil || !second.From.Equal(first.From) {
		t.Fatal(second.From, err)
	}
	var got struct {
		After json.RawMessage `json:"search_after"`
		Query json.RawMessage `json:"query"`
	}
	if err := json.Unmarshal(body(t, second), &got); err != nil {
		t.Fatal(err)
	}
	if string(got.After) != `[5,"i",7]` || !strings.Contains(string(got.Query), `"must_not":[{"bool":{"filter":[{"ids":{"values":["c","b"]}},{"term":{"_index":"i"}}]}}]`) {
		t.Fatalf("%s %s", got.After, got.Query)
	}
	if second.Shown() != 2 {
		t.Error(second.Shown())
	}
	signed := logs
	signed.Keys = [][]byte{[]byte("key")}
	for name, change := range map[string]func() (Schema, string, string){
		"another q":          func() (Schema, string, string) { return logs, "q", "level:warn" },
		"another range":      func() (Schema, string, string) { return logs, "since", "16m" },
		"another order":      func() (Schema, string, string) { return logs, "sort", "level" },
		"a filter more":      func() (Schema, string, string) { return logs, "filter", "ok:true" },
		"another collection": func() (Schema, string, string) { s := logs; s.Collection = "other"; return s, "size", "7" },
		"another key":        func() (Schema, string, string) { return signed, "size", "7" },
		"another duty":       func() (Schema, string, string) { s := logs; s.Deleted = "gone"; return s, "size", "7" },
		"altered":            func() (Schema, string, string) { return logs, "cursor", next[:len(next)-4] + "AAAA" },
	} {
		schema, key, value := change()
		changed := url.Values{"q": {"level:error"}, "since": {"15m"}, "cursor": {next}}
		changed.Set(key, value)
		if _, err := Read(schema, changed, later); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Where a collection's own order was changed while somebody pages, his place is none in it.
func TestCursorIsBoundToTheCollectionsOrder(t *testing.T) {
	before, after := logs, logs
	before.Sort, after.Sort = "number:desc", "size:desc"
	first := read(t, before, "q=level:error")
	next, err := first.Next([]Hit{{"a", []byte(`[5,6,"i",7]`)}})
	if err != nil {
		t.Fatal(err)
	}
	values := url.Values{"q": {"level:error"}, "cursor": {next}}
	if _, err := Read(before, values, noon); err != nil {
		t.Error(err)
	}
	if _, err := Read(after, values, noon); err == nil || !strings.Contains(err.Error(), "another search") {
		t.Error(err)
	}
	tail, err := ReadTail(before, nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadTail(after, url.Values{"cursor": {tail.Next([]byte{1})}}, noon); err != nil {
		t.Error("a tail has no order:", err)
	}
}

func TestOrderIsTotal(t *testing.T) {
	schema := logs
	schema.ID = []string{"level"}
	priced := logs
	priced.Fields = map[string]Field{"price": {Type: "scaled_float"}}
	priced.Time, priced.Deleted = "", "_sluice_deleted"
	if got := string(body(t, read(t, priced, "sort=price:desc"))); !strings.Contains(got, `"sort":[{"_sluice_nothing":{"order":"asc","unmapped_type":"keyword"}},{"price":{"order":"desc","unmapped_type":"double"}},{"_index":{"order":"desc"}},{"_seq_no":{"order":"asc"}}]`) {
		t.Error(got)
	}
	for params, want := range map[string]string{
		"":                       `[{"@timestamp":{"order":"desc","unmapped_type":"date"}},{"level":{"order":"asc","unmapped_type":"keyword"}},{"_index":{"order":"desc"}},{"_seq_no":{"order":"desc"}}]`,
		"sort=number,level:desc": `[{"number":{"order":"asc","unmapped_type":"long"}},{"level":{"order":"desc","unmapped_type":"keyword"}},{"@timestamp":{"order":"desc","unmapped_type":"date"}},{"_index":{"order":"asc"}},{"_seq_no":{"order":"asc"}}]`,
	} {
		var got struct {
			Sort json.RawMessage `json:"sort"`
		}
		r := read(t, schema, params)
		if err := json.Unmarshal(body(t, r), &got); err != nil || string(got.Sort) != want {
			t.Errorf("%s: %s", params, got.Sort)
		}
	}
}

// What can only be refused is refused at once.
func TestHostileRequestsAreRefusedQuickly(t *testing.T) {
	long := strings.Repeat("x", 500)
	for name, params := range map[string]url.Values{
		"10 MB":                {"q": {strings.Repeat("a", 10<<20)}},
		"nesting":              {"q": {strings.Repeat("(", 999)}},
		"negations":            {"q": {strings.Repeat("-", 998) + "a"}},
		"128 unknown fields":   {"q": {strings.Repeat("zzzz:1 ", 128)}},
		"a long unknown field": {"q": {long + ":1"}, "sort": {long}},
		"10,000 filters":       {"filter": strings.Split(strings.Repeat("zz:1,", 10000), ",")},
		"a huge number":        {"q": {"number:" + strings.Repeat("9", 900)}},
		"a huge exponent":      {"q": {"ratio:1e999999999"}},
		"regular expression":   {"q": {`message:/(a+)+$/`}},
		"leading wildcard":     {"q": {"message:*x"}},
		"another index":        {"q": {"_index:other"}, "filter": {"_index:other"}},
		"script":               {"sort": {"_script"}, "fields": {"*"}},
		"unicode":              {"q": {"leve\u202el:x \u200b:y"}},
	} {
		start := time.Now()
		if _, err := Read(logs, params, noon); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if took := time.Since(start); took > 50*time.Millisecond {
			t.Errorf("%s: took %s", name, took)
		}
	}
}
