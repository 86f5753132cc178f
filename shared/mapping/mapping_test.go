package mapping

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type (
	texts = map[string]string
	jsons = map[string]json.RawMessage
)

func apply(t *testing.T, rules Rules, document string) string {
	t.Helper()
	m, wrong := Compile(rules, "key")
	if wrong != nil {
		t.Fatal(wrong)
	}
	got, err := m.Apply([]byte(document))
	if misfit, ok := errors.AsType[*Misfit](err); ok {
		return misfit.Error()
	} else if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(got) {
		t.Fatalf("not JSON: %s", got)
	}
	return string(got)
}

func TestRulesRewriteADocument(t *testing.T) {
	for _, c := range []struct {
		name      string
		rules     Rules
		from, new string
	}{
		{"what no rule names passes byte by byte", Rules{Drop: []string{"z"}},
			`{"n":9007199254740993, "p":1.10,"big":1e400,"s":"\u00e9\/","o":{ "a" : [1, {}] }}`,
			`{"n":9007199254740993,"p":1.10,"big":1e400,"s":"\u00e9\/","o":{ "a" : [1, {}] }}`},
		{"drop", Rules{Drop: []string{"a", "o.x", "l.y"}}, `{"a":1,"o":{"x":{"deep":1},"z":2},"l":[{"y":1},{"z":[{"y":2}]}],"b":3}`, `{"o":{"z":2},"l":[{},{"z":[{"y":2}]}],"b":3}`},
		{"drop a dotted name", Rules{Drop: []string{"o.x"}}, `{"o.x":1,"o":{"x":2}}`, `{"o":{}}`},
		{"rename in place", Rules{Rename: texts{"a": "b", "o.x": "o.y", "l.p": "l.q"}}, `{"a":[1],"o":{"x":1},"l":[{"p":1},{"p":2}]}`, `{"b":[1],"o":{"y":1},"l":[{"q":1},{"q":2}]}`},
		{"rename an object, and a field of it", Rules{Rename: texts{"cust": "customer", "cust.no": "customer.id"}}, `{"cust":{"no":7,"name":"x"}}`, `{"customer":{"id":7,"name":"x"}}`},
		{"rename into an object that comes before", Rules{Rename: texts{"no": "customer.id"}}, `{"customer":{"name":"x"},"no":7,"z":1}`, `{"customer":{"name":"x","id":7},"z":1}`},
		{"rename into an object that comes later", Rules{Rename: texts{"no": "customer.id"}}, `{"no":7,"customer":{}}`, `{"customer":{"id":7}}`},
		{"rename into objects that are not there", Rules{Rename: texts{"no": "a.b.id", "name": "a.b.name", "x": "a.x"}}, `{"x":1,"no":7,"name":"n"}`, `{"a":{"x":1,"b":{"id":7,"name":"n"}}}`},
		{"rename out of an object", Rules{Rename: texts{"o.id": "id"}, Type: texts{"id": "string"}}, `{"o":{"id":7,"x":1}}`, `{"o":{"x":1},"id":"7"}`},
		{"flatten", Rules{Flatten: texts{"address": "_"}}, `{"a":0,"address":{"city":"x","geo":{"lat":1,"lon":{"deg":2}},"list":[{"a":{"b":1}}]},"z":{}}`, `{"a":0,"address_city":"x","address_geo_lat":1,"address_geo_lon_deg":2,"address_list":[{"a":{"b":1}}],"z":{}}`},
		{"flatten without names", Rules{Flatten: texts{"detail": "none"}, Type: texts{"id": "integer"}}, `{"detail":{"id":"1","user":{"id":"2"}},"z":1}`, `{"id":1,"user":{"id":"2"},"z":1}`},
		{"flatten dotted names alike", Rules{Flatten: texts{"a": "_", "d": "none"}, Drop: []string{"a.x.y"}, Redact: map[string]Redact{"a_b_email": {Mask: "*"}, "id": {Mask: "*"}}},
			`{"a":{"b.email":"s","x.y":1},"a.b.email":"t","a.b":{"email":"u","c.d":[{"e.f":1}]},"a.x.y":1,"a.x":{"y":1,"z":2},"a":{"m.n":{"o":1}},"d.id":7,"d":{"u.v":1},"z":1}`,
			`{"a_b_email":"*","a_b_email":"*","a_b_email":"*","a_b_c_d":[{"e.f":1}],"a_x_z":2,"a_m_n_o":1,"id":"*","u.v":1,"z":1}`},
		{"flatten by dots", Rules{Flatten: texts{"a": "."}, Redact: map[string]Redact{"a.email": {Mask: "*"}}}, `{"a":{"email":"s","x":{"y":1}}}`, `{"a.email":"*","a.x.y":1}`},
		{"flatten what is no object", Rules{Flatten: texts{"address": "_"}}, `{"address":"here"}`, `{"address":"here"}`},
		{"flatten in lists, in an odd order", Rules{Flatten: texts{"l.a": "_", "o": "-"}, Case: "snake"}, `{"o":{"xY":{"q":[{"aB":{"c":1}}],"r":1}},"l":[{"a":{"bC":1,"d":{"e":2}}}]}`, `{"o-x_y-q":[{"a_b":{"c":1}}],"o-x_y-r":1,"l":[{"a_b_c":1,"a_d_e":2}]}`},
		{"snake case, everywhere but where names are data", Rules{Case: "snake", Verbatim: []string{"Labels"}}, `{"userId":1,"HTTPServer":{"maxConns":[{"perHost":2}]},"Labels":{"myApp":{"X":1}},"@timestamp":1,"user-agent":2}`, `{"user_id":1,"http_server":{"max_conns":[{"per_host":2}]},"labels":{"myApp":{"X":1}},"@timestamp":1,"user_agent":2}`},
		{"camel case", Rules{Case: "camel"}, `{"user_id":1,"HTTPServer":2,"UserName":3,"_id":4,"x_":5,"a.b_c":6}`, `{"userId":1,"httpServer":2,"userName":3,"_id":4,"x_":5,"a.bC":6}`},
		{"a rename wins over the case", Rules{Case: "snake", Rename: texts{"userId": "UID"}}, `{"userId":1}`, `{"UID":1}`},
		{"copy, and each has rules of its own", Rules{Copy: texts{"code": "status", "o.s": "status"}, Enum: map[string]jsons{"status": {"1": json.RawMessage(`"new"`)}}, Type: texts{"code": "integer"}}, `{"status":"1","o":{}}`, `{"status":"new","code":1,"o":{"s":"1"}}`},
		{"copy an object", Rules{Copy: texts{"b": "a"}, Type: texts{"b.n": "string", "a.n": "integer"}}, `{"a":{"n":"1","m":[{"k":1}]}}`, `{"a":{"n":1,"m":[{"k":1}]},"b":{"n":"1","m":[{"k":1}]}}`},
		{"split", Rules{Split: map[string]Split{"tags": {By: ","}, "ids": {}}, Type: texts{"ids": "integer"}}, `{"tags":" a, b ,,c","ids":"1\t2  3"}`, `{"tags":["a","b","c"],"ids":[1,2,3]}`},
		{"copy and split what was renamed", Rules{Rename: texts{"a": "b", "n": "o.name"}, Copy: texts{"c": "b", "o.full": "o.name"}, Split: map[string]Split{"o.name": {Into: []string{"o.first", "last"}}}},
			`{"a":1,"n":"Ada King","o":{}}`, `{"b":1,"c":1,"last":"King","o":{"first":"Ada","full":"Ada King"}}`},
		{"split nothing", Rules{Split: map[string]Split{"tags": {By: ","}}}, `{"tags":"","x":null}`, `{"tags":[],"x":null}`},
		{"split into fields", Rules{Split: map[string]Split{"name": {Into: []string{"first", "person.last"}}}}, `{"name":"Ada King Noel","x":1}`, `{"first":"Ada","x":1,"person":{"last":"King Noel"}}`},
		{"enum", Rules{Enum: map[string]jsons{"s": {"1": json.RawMessage(`"new"`), "J": json.RawMessage(`true`), "*": json.RawMessage(`"other"`)}}}, `{"s":[1,"1","J",true,null]}`, `{"s":["new","new",true,"other",null]}`},
		{"to string", Rules{Type: texts{"a": "string"}}, `{"a":[9007199254740993,1.10,true,"x",null]}`, `{"a":["9007199254740993","1.10","true","x",null]}`},
		{"to integer", Rules{Type: texts{"a": "integer"}}, `{"a":["12345678901234567890"," +007 ",1.0,"1.5e1","-0",1e3,0e400,-3]}`, `{"a":[12345678901234567890,7,1,15,0,1000,0,-3]}`},
		{"to decimal", Rules{Type: texts{"a": "decimal"}}, `{"a":["1.10",".50","1.","-007.00","1E+5",1.10,9007199254740993]}`, `{"a":[1.10,0.50,1,-7.00,1e+5,1.10,9007199254740993]}`},
		{"to boolean", Rules{Type: texts{"a": "boolean"}}, `{"a":["TRUE","yes","0",1,false,"off "]}`, `{"a":[true,true,false,true,false,false]}`},
		{"to dates", Rules{Date: map[string][]string{"a": {"unix_ms", "02/01/2006 15:04", "rfc3339"}, "b": {"unix"}}},
			`{"a":[1704103200123,"1704103200000","31/12/2024 23:59","2024-01-01T12:00:00+02:00"],"b":[1704103200.000001,1.7041032e9,-1]}`,
			`{"a":["2024-01-01T10:00:00.123Z","2024-01-01T10:00:00.000Z","2024-12-31T23:59:00.000Z","2024-01-01T10:00:00.000Z"],"b":["2024-01-01T10:00:00.000001000Z","2024-01-01T10:00:00.000Z","1969-12-31T23:59:59.000Z"]}`},
		{"hash a string and a number alike", Rules{Redact: map[string]Redact{"a": {Hash: "hmac-sha256"}}}, `{"a":["1",1]}`,
			`{"a":["6da91fb91517be1f5cdcf3af91d7d40c717dd638a306157606fb2e584f7ae926","6da91fb91517be1f5cdcf3af91d7d40c717dd638a306157606fb2e584f7ae926"]}`},
		{"mask", Rules{Redact: map[string]Redact{"a": {Mask: "***", KeepLast: 4}, "b": {Mask: "x", KeepFirst: 1, KeepLast: 1}}}, `{"a":["+4915112345678","1234567",4111111111111111],"b":"Zoë Ärö"}`, `{"a":["***5678","***","***1111"],"b":"Zxö"}`},
		{"default", Rules{Default: jsons{"c": json.RawMessage(`"EUR"`), "o.k": json.RawMessage(`1.10`), "l.q": json.RawMessage(`1`)}},
			`{"c":null,"l":[{"q":2},{"q":null},{}]}`, `{"l":[{"q":2},{"q":1},{"q":1}],"c":"EUR","o":{"k":1.10}}`},
		{"no default inside of what is no object", Rules{Default: jsons{"o.k": json.RawMessage(`1`)}}, `{"o":null}`, `{"o":null}`},
		{"no default for what is there", Rules{Default: jsons{"o.k": json.RawMessage(`1`)}}, `{"o.k":2}`, `{"o.k":2}`},
		{"an empty document", Rules{Default: jsons{"a": json.RawMessage(`1`)}}, ` { } `, `{"a":1}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.new, apply(t, c.rules, c.from)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMisfitNamesFieldTypeAndRuleButNoValue(t *testing.T) {
	rules := Rules{
		Rename: texts{"cust": "customer.id", "l.x": "x"},
		Split:  map[string]Split{"tags": {By: ","}},
		Enum:   map[string]jsons{"status": {"1": json.RawMessage(`"new"`)}},
		Type:   texts{"n": "integer", "d": "decimal", "b": "boolean", "o.n": "integer"},
		Date:   map[string][]string{"at": {"unix", "2006-01-02"}},
		Redact: map[string]Redact{"p": {Mask: "*"}, "h": {Hash: "hmac-sha256"}},
	}
	for document, want := range map[string]string{
		`{"n":"secret"}`:                 `rule type: integer cannot convert field "n", which is a string`,
		`{"n":1.5}`:                      `rule type: integer cannot convert field "n", which is a number with a fraction or exponent`,
		`{"n":"1e999999"}`:               `rule type: integer cannot convert field "n", which is a string`,
		`{"n":{"secret":1}}`:             `rule type: integer cannot convert field "n", which is an object`,
		`{"d":"1,5"}`:                    `rule type: decimal cannot convert field "d", which is a string`,
		`{"d":true}`:                     `rule type: decimal cannot convert field "d", which is a boolean`,
		`{"b":2}`:                        `rule type: boolean cannot convert field "b", which is a whole number`,
		`{"o":[{"n":1},{"n":"x"}]}`:      `rule type: integer cannot convert field "o.n", which is a string`,
		`{"at":"secret"}`:                `rule date: unix, 2006-01-02 cannot convert field "at", which is a string`,
		`{"status":"9"}`:                 `rule enum cannot convert field "status", which is a string`,
		`{"tags":1}`:                     `rule split cannot convert field "tags", which is a whole number`,
		`{"p":{"secret":1}}`:             `rule redact: mask cannot convert field "p", which is an object`,
		`{"h":[{"secret":1}]}`:           `rule redact: hmac-sha256 cannot convert field "h", which is an object`,
		`{"cust":1,"customer":"secret"}`: `rule rename, copy or split cannot convert field "customer.id", which is inside of what is no object`,
		`{"l":[{"x":1}]}`:                `rule rename, copy or split to another place cannot convert field "x", which is in a list or inside of a moved object`,
	} {
		if got := apply(t, rules, document); got != want || strings.Contains(got, "secret") {
			t.Errorf("%s:\n got %s\nwant %s", document, got, want)
		}
	}
}

func TestWhatIsNoObjectIsNoMisfit(t *testing.T) {
	m, _ := Compile(Rules{Case: "snake"}, "")
	for _, document := range []string{"", "x", "[1]", `{"a":`, `{} {}`, `{"a":[1,}`} {
		_, err := m.Apply([]byte(document))
		if _, misfit := errors.AsType[*Misfit](err); err == nil || misfit {
			t.Errorf("%s: %v", document, err)
		}
	}
}

func TestANameOfNothingButDotsCostsNoMoreThanItsLength(t *testing.T) {
	m, _ := Compile(Rules{Flatten: texts{"a": "_"}}, "")
	dots := strings.Repeat(".", 1<<20)
	got, err := m.Apply([]byte(`{"a":{"` + dots + `":1},"a` + dots + `":{"b":1}}`)) // for ever, if every dot were a level
	if err != nil || len(got) < 2<<20 {
		t.Errorf("%d bytes: %v", len(got), err)
	}
}

func TestNothingIsHashedWithoutAKey(t *testing.T) {
	m, _ := Compile(Rules{Redact: map[string]Redact{"a": {Hash: "hmac-sha256"}}}, "")
	if got, err := m.Apply([]byte(`{"a":"x"}`)); err == nil {
		t.Errorf("%s", got)
	}
}
