package query

import (
	"encoding/json"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var sameTree = []cmp.Option{
	cmpopts.IgnoreFields(Term{}, "At"), cmpopts.IgnoreFields(Name{}, "At"), cmpopts.IgnoreFields(Bound{}, "At"),
}

// A text is an error with a position inside it, or a tree that survives being printed.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`a:1 AND b:1 OR NOT c:1`, `p:"C:\\temp\\"`, `@timestamp:[2026-05-01 TO 2026-05-02}`, `n:>=5 (x OR -y)`,
		`a:err* b:??`, `a\ b:c\*`, `/a/ ~ ^2 "x"~1`, `*:*`, `é日:"\""`, `((((`, `[* TO *]`, "\x00", "a\u2028b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		node, err := Parse(text)
		if err != nil {
			all, _ := errors.AsType[Mistakes](err)
			for _, m := range all {
				if m.Position > len([]rune(text)) || m.Text == "" {
					t.Fatalf("%q: %+v", text, m)
				}
			}
			return
		}
		again, mistake := parse(node.String())
		if mistake != nil {
			if len([]rune(node.String())) > maxText { // quotes made it longer
				return
			}
			t.Fatalf("%q: its print %q: %v", text, node, mistake)
		}
		if diff := cmp.Diff(node, again, sameTree...); diff != "" {
			t.Fatalf("%q printed as %q:\n%s", text, node, diff)
		}
	})
}

// Whatever the parameters are, the answer is mistakes or a body that is JSON.
func FuzzRead(f *testing.F) {
	f.Add("q=level:error&filter=path:a:b&from=2026-01-01&size=3&sort=number:asc")
	f.Add("since=15m&fields=a,b&offset=2")
	f.Add("cursor=AAAA&q=%00")
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		r, err := Read(logs, values, noon)
		if err != nil {
			return
		}
		if body, err := r.Body(time.Second); err != nil || !json.Valid(body) {
			t.Fatalf("%q: %v %s", raw, err, body)
		}
	})
}
