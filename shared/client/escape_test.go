package client

import (
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/fault"
)

func TestADeleteNamesOneThing(t *testing.T) {
	s := serve(t, ok)
	c := ours(t, s.URL)
	for _, path := range [][]string{
		nil, {""}, {"_all"}, {"*"}, {"logs-*"}, {"logs-2026-05-17,logs-2026-05-18"}, {"-logs"}, {"."}, {".."}, {"logs/../x"}, {"<logs-{now/d}>"},
		{"_index_template", "*"}, {"_index_template", ""}, {"_index_template", "sluice-*"}, {"_data_stream", "*"}, {"_data_stream", "_all"},
		{"logs-2026-05-17", "_alias", "_all"}, {"logs-*", "_alias", "x"}, {"_search", "point_in_time", "_all"}, {"logs", "_doc", ""}, {"*", "_doc", "1"},
	} {
		_, err := c.Do(t.Context(), Call{Method: "DELETE", Path: path})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("DELETE %q: %v", path, err)
		}
	}
	for _, path := range [][]string{{"*", "_delete_by_query"}, {"_all", "_delete_by_query"}, {"a,b", "_delete_by_query"}} {
		if _, err := c.Do(t.Context(), Call{Method: "POST", Path: path}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("POST %q: %v", path, err)
		}
	}
	wantRequests(t, s, 0)
}

func TestAnExplicitDeleteLeaves(t *testing.T) {
	s := serve(t, ok)
	c := ours(t, s.URL)
	for uri, path := range map[string][]string{
		"/logs-2026-05-17":             {"logs-2026-05-17"},
		"/.ds-logs-000001":             {".ds-logs-000001"},
		"/_index_template/sluice-logs": {"_index_template", "sluice-logs"},
		"/_search/point_in_time":       {"_search", "point_in_time"},
		"/logs/_doc/_all":              {"logs", "_doc", "_all"},
		"/logs/_doc/a%2Cb%2A":          {"logs", "_doc", "a,b*"},
	} {
		if _, err := c.Do(t.Context(), Call{Method: "DELETE", Path: path}); err != nil {
			t.Fatal(err)
		}
		seen := s.seen()
		if got := seen[len(seen)-1].uri; got != uri {
			t.Errorf("%q left as %s, want %s", path, got, uri)
		}
	}
}

func TestIndexNamesFollowOpenSearchsRules(t *testing.T) {
	for _, name := range []string{"", ".", "..", "-x", "_x", "+x", "Logs", "a b", "a/b", `a\b`, "a?b", "a*b", `a"b`, "a<b", "a>b", "a|b", "a,b", "a#b", "a:b", strings.Repeat("x", 256)} {
		if checkName(name, false) == nil {
			t.Errorf("%q is taken for an index name", name)
		}
	}
	for _, name := range []string{"logs", "logs-2026-05-17t09", ".ds-x", "a.b_c+d", "日志", strings.Repeat("x", 255)} {
		if err := checkName(name, false); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	if checkName("logs-*", true) != nil {
		t.Error("a list of indices may be asked for by wildcard")
	}
}

func TestAnIDOverTheLimitIsRefused(t *testing.T) {
	s := serve(t, ok)
	_, err := ours(t, s.URL).Get(t.Context(), "logs", strings.Repeat("x", maxID+1))
	wantKind(t, err, fault.Invalid)
	wantRequests(t, s, 0)
}

func FuzzEscape(f *testing.F) {
	for _, seed := range []string{"a", "..", ".", "a/b", "%2e%2e", "a?b#c", "\x00", "ü", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		var b strings.Builder
		writeSegment(&b, id)
		if s := b.String(); strings.ContainsAny(s, "/?#\\ ") || s == "." || s == ".." {
			t.Fatalf("%q becomes %q", id, s)
		}
	})
}
