package query

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/rotation"
)

var sales = Schema{
	Collection: "sales", Rows: true, Time: "at", Sort: "at:desc", ID: []string{"id"}, Deleted: rotation.Deleted, Default: []string{"note"},
	Wildcards: true, Keys: [][]byte{[]byte("k")}, Hidden: []string{"secret"},
	Fields: map[string]Field{
		"id": {Type: "long"}, "status": {Type: "keyword"}, "total": {Type: "scaled_float"}, "paid": {Type: "boolean"},
		"at": {Type: "date"}, "note": {Type: "text"}, "ip": {Type: "ip"}, "other": {Type: "keyword"},
	},
}

var saleColumns = []string{"id", "status", "total", "paid", "at"}

// say writes a condition as text.
func (c Condition) say() string {
	var of []string
	for _, one := range c.Of {
		of = append(of, one.say())
	}
	switch c.Op {
	case "and", "or", "not", "never":
		return c.Op + "(" + strings.Join(of, ", ") + ")"
	case "exists":
		return "exists " + c.Column
	}
	return c.Column + c.Op + c.Value
}

func TestAnExactSearchIsOneThatATableCanAnswer(t *testing.T) {
	now := time.Date(2026, 2, 10, 8, 30, 10, 0, time.UTC)
	for params, want := range map[string]string{
		"":                    "and(not(never()))",
		"filter=status:paid":  "and(status=paid, not(never()))",
		"q=status:paid":       "and(status=paid, not(never()))",
		"q=total:>10.50":      "and(and(total>10.50), not(never()))",
		"q=total:0":           "and(and(total>=-0.0, total<=0.0), not(never()))",
		"q=paid:true OR id:7": "and(and(or(paid=true, id=7)), not(never()))",
		"q=NOT status:*":      "and(and(not(exists status)), not(never()))",
		"q=id:[1 TO 5}":       "and(and(id>=1, id<5), not(never()))",
		"since=15m":           "and(and(at>=2026-02-10T08:15:00.000Z), not(never()))",
		"filter=at:2026-02":   "and(and(at>=2026-02-01T00:00:00.000Z, at<2026-03-01T00:00:00.000Z), not(never()))",
	} {
		values, _ := url.ParseQuery(strings.ReplaceAll(params, " ", "%20"))
		r, err := Read(sales, values, now)
		if err != nil {
			t.Fatalf("%s: %v", params, err)
		}
		out, ok := r.Relation(saleColumns)
		if !ok || len(out.Sort) != 1 || out.Sort[0] != (Order{"at", "date", true}) {
			t.Errorf("%q: not translated: %v %v", params, ok, out.Sort)
		}
		if got := out.Where.say(); got != want {
			t.Errorf("%q:\n got %s\nwant %s", params, got, want)
		}
	}
}

// What a table might answer otherwise than OpenSearch is left to OpenSearch, and so is a
// condition that is not known here: a mandatory one is never left out.
func TestWhatCannotBeTranslatedIsNotAskedOfTheTable(t *testing.T) {
	for _, params := range []string{
		"q=word", "q=note:word", "q=status:pa*", "filter=ip:10.0.0.0/8", "filter=other:x", "q=other:*", "sort=other", "sort=_score", "q=status:a AND word",
		"q=total:1e3", "q=NOT ip:10.0.0.1", "facets=status", "q=status:paid&highlight=true",
	} {
		values, _ := url.ParseQuery(strings.ReplaceAll(params, " ", "%20"))
		r, err := Read(sales, values, time.Now())
		if err != nil {
			t.Fatalf("%s: %v", params, err)
		}
		if out, ok := r.Relation(saleColumns); ok {
			t.Errorf("%q is translated: %s", params, out.Where.say())
		}
	}
	for _, text := range []string{
		`{"terms":{"status":["a"]}}`, `{"term":{"status":"a"}}`, `{"term":{"status":{"value":"a","case_insensitive":true}}}`, `{"ids":{"values":["1"]}}`,
		`{"term":{"tenant":{"value":"a"}}}`, `{"match_all":{"boost":2}}`, `{"match_none":{}}`, `{}`, `{"term":{"status":{"value":"a"}},"boost":1}`,
		`{"bool":{"filter":{"term":{"status":{"value":"a"}}}}}`, `{"range":{"at":{"gte":"2026","time_zone":"+01:00"}}}`, `{"exists":{"field":"note"}}`, `{"script":{}}`,
	} {
		var clause object
		if err := json.Unmarshal([]byte(text), &clause); err != nil {
			t.Fatal(err)
		}
		r, err := Read(sales, nil, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		r.filters = append(r.filters, clause)
		if out, ok := r.Relation(saleColumns); ok {
			t.Errorf("%s is translated: %s", text, out.Where.say())
		}
	}
}

func TestATablesCursorIsItsOwn(t *testing.T) {
	values := url.Values{"filter": {"status:paid"}}
	r, err := Read(sales, values, time.Unix(1_800_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	cursor, err := r.NextRow([]json.RawMessage{json.RawMessage(`"2026-02-10T08:30:00.123456Z"`), json.RawMessage(`9007199254740993`)})
	if err != nil {
		t.Fatal(err)
	}
	values.Set("cursor", cursor)
	next, err := Read(sales, values, time.Now())
	if err != nil || !next.Direct() {
		t.Fatal(err, next.Direct())
	}
	out, ok := next.Relation(saleColumns)
	if !ok || len(out.After) != 2 || string(out.After[1]) != "9007199254740993" {
		t.Errorf("%v %s", ok, out.After)
	}
	without := sales
	without.Rows = false
	if _, err := Read(without, values, time.Now()); err == nil {
		t.Error("a collection without rows takes a table's cursor")
	}
	values.Set("filter", "status:new")
	if _, err := Read(sales, values, time.Now()); err == nil {
		t.Error("another search takes the cursor")
	}
}

// The tenant holds of the row as it is now; what the caller looks for does not: a row that
// changed since is shown as it is.
// What a posted search leaves out of documents is left out of rows.
func TestAPostedSourceIsCutFromRowsToo(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: "[] [secret]", `{"_source":false}`: "[] [*]", `{"_source":["at"]}`: "[at] [secret]", `{"_source":{"excludes":["no*"]}}`: "[] [secret no*]",
	} {
		if includes, excludes := readPosted(t, sales, "", text).Projection(); fmt.Sprint(includes, " ", excludes) != want {
			t.Errorf("%s: %v %v, want %s", text, includes, excludes, want)
		}
	}
}

func TestARowIsShownWhileItIsTheTenantsOwn(t *testing.T) {
	for _, text := range []string{`{}`, `{"query":{"terms":{"status":["a","c"]}},"sort":["id"]}`, `{"query":{"terms":{"status":["a"],"boost":2}},"sort":["id"]}`, `{"query":{"bool":{"filter":{"terms":{"id":[1,2]}}}},"sort":["id"]}`} {
		if r := readPosted(t, sales, "", text); !r.Shows([]byte(`{"status":"b"}`)) {
			t.Errorf("%s: nothing is demanded, and a row is not shown", text)
		}
	}
	shows := func(name string, list []string, document string) bool {
		s := sales
		s.Tenant, s.Tenants = name, list
		return readPosted(t, s, "", `{}`).Shows([]byte(document))
	}
	for document, want := range map[string]bool{
		`{"status":"a"}`: true, `{"status":"c","x":1}`: true, `{"status":"b"}`: false, `{"status":"A"}`: false, `{"status":"a "}`: false, `{"status":null}`: false, `{}`: false,
		`{"status":["a"]}`: false, `{"Status":"a"}`: false, `[]`: false, ``: false,
	} {
		if got := shows("status", []string{"a", "c"}, document); got != want {
			t.Errorf("%s: %v", document, got)
		}
	}
	if one := []string{"a"}; !shows("org.id", one, `{"org":{"id":"a"}}`) || !shows("org.id", one, `{"org.id":"a"}`) || shows("org.id", one, `{"org":{"id":"b"}}`) {
		t.Error("names with dots")
	}
	if shows("status", nil, `{"status":"a"}`) || shows("status", nil, `{}`) {
		t.Error("an empty list shows a row")
	}
}

func TestATablesRowsAreTheTenantsOwn(t *testing.T) {
	for want, tenants := range map[string][]string{"and(or(status=a), ": {"a"}, "and(or(status=a, status=b), ": {"a", "b"}, "and(or(), ": nil} {
		s := sales
		s.Tenant, s.Tenants = "status", tenants
		r, err := Read(s, url.Values{"filter": {"paid:true"}}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if out, ok := r.Relation(saleColumns); !ok || !strings.HasPrefix(out.Where.say(), want) {
			t.Errorf("%v: %v %s", tenants, ok, out.Where.say())
		}
		if out, ok := r.Relation([]string{"id", "paid", "at"}); ok {
			t.Errorf("the table lacks the tenant, and is asked: %s", out.Where.say())
		}
		for tenant, mine := range map[string]bool{"a": len(tenants) > 0, "c": false} {
			if r.Shows([]byte(`{"status":"`+tenant+`"}`)) != mine {
				t.Errorf("%v: a row of %s", tenants, tenant)
			}
		}
	}
}
