package main

import "testing"

// As OpenSearch's _source filters, whether names are nested or have dots.
func TestADocumentIsCutToWhatMayBeReturned(t *testing.T) {
	const document = `{"a":1,"b":{"c":2,"d":{"e":3}},"b.x":4,"list":[{"c":5,"d":6},{"d":7},8],"n":9007199254740993,"ü\"":null}`
	for _, c := range []struct {
		includes, excludes []string
		want               string
	}{
		{nil, nil, document},
		{[]string{"a", "n"}, nil, `{"a":1,"n":9007199254740993}`},
		{[]string{"b"}, nil, `{"b":{"c":2,"d":{"e":3}},"b.x":4}`},
		{[]string{"b.d"}, nil, `{"b":{"d":{"e":3}}}`},
		{[]string{"b.x"}, nil, `{"b.x":4}`},
		{[]string{"list.c"}, nil, `{"list":[{"c":5}]}`},
		{[]string{"nothing", "b.nothing", "a.b"}, nil, `{}`},
		{nil, []string{"b", "list", `ü"`}, `{"a":1,"n":9007199254740993}`},
		{nil, []string{"b.d.e", "list.d", "a", "n", `ü"`}, `{"b":{"c":2,"d":{}},"b.x":4,"list":[{"c":5},{},8]}`},
		{nil, []string{"b.x", "b.c", "list", "n", "a"}, `{"b":{"d":{"e":3}},"ü\"":null}`},
		{[]string{"b", "a"}, []string{"b.d"}, `{"a":1,"b":{"c":2},"b.x":4}`},
		{[]string{"b.d"}, []string{"b"}, `{}`},
		{[]string{"b*"}, nil, `{"b":{"c":2,"d":{"e":3}},"b.x":4}`},
		{[]string{"b.*"}, nil, `{"b":{"c":2,"d":{"e":3}},"b.x":4}`},
		{[]string{"*.c"}, nil, `{"b":{"c":2},"list":[{"c":5}]}`},
		{[]string{"b.*.e", "a*"}, nil, `{"a":1,"b":{"d":{"e":3}}}`},
		{nil, []string{"*.d", "l*t", "n", "ü*"}, `{"a":1,"b":{"c":2},"b.x":4}`},
		{nil, []string{"*"}, `{}`},
		{[]string{"*"}, []string{"b"}, `{"a":1,"list":[{"c":5,"d":6},{"d":7},8],"n":9007199254740993,"ü\"":null}`},
	} {
		got, err := project([]byte(document), c.includes, c.excludes)
		if err != nil || string(got) != c.want {
			t.Errorf("%v without %v: %v\n got %s\nwant %s", c.includes, c.excludes, err, got, c.want)
		}
	}
	if _, err := project([]byte(`{"a"`), []string{"a"}, nil); err == nil {
		t.Error("what is no JSON is cut")
	}
}
