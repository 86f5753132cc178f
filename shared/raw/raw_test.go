package raw

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestObjectHandsOutNamesAndValuesAsTheyAre(t *testing.T) {
	var r Reader
	r.Strict([]byte(` {"a":1.10, "\u0062\"":"x\ny", "c":[{"d":null}]} `))
	var got []string
	err := r.Object(func(name []byte) error {
		value, err := r.Value()
		got = append(got, string(name)+"="+string(value))
		return err
	})
	if diff := cmp.Diff([]string{`a=1.10`, `b"="x\ny"`, `c=[{"d":null}]`}, got); diff != "" || err != nil || r.End() != nil {
		t.Error(diff, err)
	}
}

func TestStrictRefusesWhatLenientLetsThrough(t *testing.T) {
	for _, text := range []string{`{"a":{"b":1,"b":2}}`, "{\"a\":\"\xff\"}"} {
		var r Reader
		r.Strict([]byte(text))
		if r.Skip() == nil {
			t.Errorf("strict: %q", text)
		}
		r.Lenient([]byte(text))
		if err := r.Skip(); err != nil || r.End() != nil {
			t.Errorf("lenient: %q: %v", text, err)
		}
	}
}

func TestReaderMayBeUsedAgainAfterAnError(t *testing.T) {
	var r Reader
	stop := errors.New("stop")
	r.Lenient([]byte(`[1,2]`))
	if err := r.Array(func() error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	r.Strict([]byte(`{}`))
	if err := r.Object(nil); err != nil || r.End() != nil {
		t.Error(err)
	}
}

func TestDuplicateIsNamedByItsPath(t *testing.T) {
	for text, want := range map[string]string{`{"a":1,"a":2}`: "a", `{"o":{"x":[{"k":1,"k":2}]}}`: "o.x.0.k", `{"a/b":{"~":1,"~":2}}`: "a/b.~"} {
		var r Reader
		r.Strict([]byte(text))
		if path, ok := Duplicate(r.Skip()); !ok || path != want {
			t.Errorf("%s: %q", text, path)
		}
	}
	if _, ok := Duplicate(errors.New("other")); ok {
		t.Error("any error is a duplicate")
	}
}

func TestTextCutShortIsAnError(t *testing.T) {
	whole := `{"a":[1,{"b":"c"}],"d":true}`
	for i := range len(whole) {
		var r Reader
		r.Lenient([]byte(whole[:i]))
		err := r.Object(func(name []byte) error {
			if string(name) == "a" {
				return r.Array(r.Skip)
			}
			return r.Skip()
		})
		if err == nil || Explain(err) == "" {
			t.Errorf("%q: %v", whole[:i], err)
		}
	}
	var r Reader
	r.Strict([]byte(`{} {}`))
	if err := r.Skip(); err != nil || r.End() == nil {
		t.Error("text after the value")
	}
}

func TestCompactKeepsLiterals(t *testing.T) {
	got := string(Compact([]byte("{\n \"a\" : 1.10, \"b\" : \"x  \\u00e9\",\r\n\"c\":9007199254740993 }")))
	if got != `{"a":1.10,"b":"x  \u00e9","c":9007199254740993}` || strings.Contains(got, "\n") {
		t.Error(got)
	}
}

func TestDepthCountsWhatOpenSearchNests(t *testing.T) {
	for text, deep := range map[string]bool{
		`{"a":[{}]}`: false, `{"a":[{"b":[]}]}`: true, `[[],[],[],[]]`: false, `{"a":"[[[[[[{{{{{{...."}`: false, `["\"[[[[[","\\",[[[]]]]`: true, `1`: false,
		`{"a.b.c":1,"d.e.f":2}`: false, `{"a.b.c.d":1}`: true, `{"a.b":{"c.d":1}}`: true, `{"a\u002eb\u002Ec\u002ed":1}`: true,
	} {
		var r Reader
		if got := r.Deeper([]byte(text), 3); got != deep {
			t.Errorf("%s: %t", text, got)
		}
	}
}
