//go:build expr

package mapping

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestExpressionMakesAField(t *testing.T) {
	for _, c := range []struct{ name, expr, input, want string }{
		{"a joined name", `doc.first + " " + doc.last`, `{"first":"Ada","last":"King"}`, `{"first":"Ada","last":"King","x":"Ada King"}`},
		{"a sum of whole numbers", `doc.a + doc.b`, `{"a":9007199254740993,"b":1}`, `{"a":9007199254740993,"b":1,"x":9007199254740994}`},
		{"decimals are asked for", `float(doc.price) * doc.count`, `{"price":1.50,"count":2}`, `{"price":1.50,"count":2,"x":3}`},
		{"and stay text otherwise", `doc.price`, `{"price":1.50}`, `{"price":1.50,"x":"1.50"}`},
		{"a case distinction", `doc.code >= 500 ? "error" : "fine"`, `{"code":503}`, `{"code":503,"x":"error"}`},
		{"a value of its own place", `upper(doc.x)`, `{"x":"a","y":1}`, `{"y":1,"x":"A"}`},
		{"nothing", `doc.a?.b`, `{"x":1,"y":null}`, `{"y":null}`},
		{"a list", `filter(doc.n, # > 1)`, `{"n":[1,2,3]}`, `{"n":[1,2,3],"x":[2,3]}`},
		{"a flat name", `doc["a.b"]`, `{"a.b":7}`, `{"a.b":7,"x":7}`},
		{"an object", `{"b": 1, "a": doc.n}`, `{"n":2}`, `{"n":2,"x":{"a":2,"b":1}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, wrong := Compile(Rules{Expr: map[string]string{"x": c.expr}}, "")
			if wrong != nil {
				t.Fatal(wrong)
			}
			if got, err := m.Apply([]byte(c.input)); err != nil || string(got) != c.want {
				t.Errorf("%v %s, want %s", err, got, c.want)
			}
		})
	}
}

func TestExpressionsSeeWhatTheOtherRulesHaveMade(t *testing.T) {
	m, wrong := Compile(Rules{
		Rename: map[string]string{"e": "email"}, Redact: map[string]Redact{"email": {Mask: "***"}},
		Expr: map[string]string{"to.mail": `"<" + doc.email + ">"`, "to.n": "1"},
	}, "")
	if wrong != nil {
		t.Fatal(wrong)
	}
	got, err := m.Apply([]byte(`{"e":"ada@example.org","to":{"mail":"x","a":1}}`))
	if want := `{"email":"***","to":{"a":1,"mail":"<***>","n":1}}`; err != nil || string(got) != want {
		t.Errorf("%v %s, want %s", err, got, want)
	}
}

func TestExpressionThatComesToNothingIsAMisfitWithoutTheValue(t *testing.T) {
	for _, text := range []string{`doc.a + 1`, `int(doc.a)`, `1.0 / 0`, `doc.a.b.c`, `reduce(1..1000000, #acc + map(1..1000000, #)[0])`} {
		m, wrong := Compile(Rules{Expr: map[string]string{"x": text}}, "")
		if wrong != nil {
			t.Fatal(text, wrong)
		}
		_, err := m.Apply([]byte(`{"a":"secret"}`))
		if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), `rule expr cannot convert field "x"`) {
			t.Errorf("%s: %v", text, err)
		}
		if got, err := m.Key([]byte(`{"a":"secret"}`)); err != nil || string(got) != `{"a":"secret"}` {
			t.Errorf("%s: of a key nothing is lost: %v %s", text, err, got)
		}
	}
}

func TestExpressionThatIsNoneIsAMistake(t *testing.T) {
	for text, want := range map[string]string{
		"doc.": "unexpected end of expression", "other.a": "unknown name other", "now()": "unknown name now", "keys(doc)": "unknown name keys",
	} {
		wrong := Verify(Rules{
			Expr:     map[string]string{"x": text},
			Examples: []Example{{Input: json.RawMessage(`{}`), Want: json.RawMessage(`{}`)}},
		})
		if len(wrong) != 1 || wrong[0].Path != "expr.x" || !strings.Contains(wrong[0].Text, want) {
			t.Errorf("%s: %v", text, wrong)
		}
	}
}
