package query

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
)

func exportOf(t *testing.T, s Schema, values url.Values) Request {
	t.Helper()
	r, err := ReadExport(s, values, noon)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestExportOrderIsOneThatChangesLeaveAlone(t *testing.T) {
	fields := map[string]Field{"@timestamp": {Type: "date"}, "id": {Type: "keyword"}, "line": {Type: "long"}}
	for name, c := range map[string]struct {
		schema Schema
		sort   string
		stable bool
	}{
		"append only":            {Schema{Fields: fields, Time: "@timestamp", ID: []string{"id"}, Sort: "@timestamp:desc"}, "@timestamp id _index _seq_no", true},
		"changes, with an id":    {Schema{Fields: fields, Time: "@timestamp", ID: []string{"id", "line"}, Deleted: "d"}, "id line @timestamp _index _seq_no", true},
		"changes, without an id": {Schema{Fields: fields, Time: "@timestamp", Deleted: "d"}, "@timestamp _index _seq_no", false},
		"nothing to go by":       {Schema{Fields: fields}, "_index _seq_no", true},
	} {
		r := exportOf(t, c.schema, url.Values{})
		var keys []string
		for _, o := range r.total() {
			keys = append(keys, o.field)
		}
		if got := strings.Join(keys, " "); got != c.sort || c.schema.Stable() != c.stable {
			t.Errorf("%s: by %s, stable %t", name, got, c.schema.Stable())
		}
	}
}

func TestExportGoesOnBehindWhatWasShownInEitherWay(t *testing.T) {
	s := Schema{Collection: "logs", Fields: map[string]Field{"@timestamp": {Type: "date"}}, Time: "@timestamp", Keys: [][]byte{[]byte("k")}}
	r := exportOf(t, s, url.Values{"since": {"1h"}})
	if at, err := r.Cursor(); at != "" || err != nil {
		t.Error(at, err)
	}
	next, err := r.Behind([]Hit{{"a", []byte(`[1,"i",7]`)}, {"b", []byte(`[2,"i",7]`)}, {"c", []byte(`[2,"i",7]`)}})
	if err != nil {
		t.Fatal(err)
	}
	cursor, err := next.Cursor()
	if err != nil {
		t.Fatal(err)
	}
	values := url.Values{"since": {"1h"}, "cursor": {cursor}}
	again, err := ReadExport(s, values, noon.Add(time.Hour)) // with the first one's clock
	if err != nil {
		t.Fatal(err)
	}
	one, _ := next.Page(5, "p", time.Minute, time.Second)
	two, _ := again.Page(5, "p", time.Minute, time.Second)
	if string(one) != string(two) || !strings.Contains(string(one), `"search_after":[2,"i",6]`) || !strings.Contains(string(one), `"values":["c","b"]`) {
		t.Errorf("%s\n%s", one, two)
	}
	if _, err := Read(s, values, noon); err == nil {
		t.Error("a search goes on from an export's cursor")
	}
	count, _ := again.Count("p", time.Minute, time.Second)
	if strings.Contains(string(count), "values") || !json.Valid(count) {
		t.Errorf("counts less than all: %s", count)
	}
}
