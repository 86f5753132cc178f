package line

import (
	"strings"
	"testing"
)

func TestGrokPatternBecomesAFormat(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		own           map[string]string
		line, want    string
	}{
		{"nginx's error log", `(?P<time>%{YEAR}/%{MONTHNUM}/%{MONTHDAY} %{TIME}) \[%{LOGLEVEL:severity_text}\] %{POSINT:process.pid:int}#%{NUMBER:thread:int}: %{GREEDYDATA:message}`, nil,
			`2024/02/13 09:00:01 [error] 31#31: *7 open() "/usr/share/nginx/html/x" failed (2: No such file or directory)`,
			`{"process.pid":31,"severity_text":"error","thread":31,"time":"2024/02/13 09:00:01","message":"*7 open() \"/usr/share/nginx/html/x\" failed (2: No such file or directory)"}`},
		{"a pattern of one's own", `^%{ORDER:order} %{PRICE}$`, map[string]string{"ORDER": `[A-Z]{2}\d+`, "PRICE": `%{NUMBER:price:double} EUR`},
			`AB12 19.90 EUR`, `{"order":"AB12","price":19.90,"message":"AB12 19.90 EUR"}`},
		{"a number that JSON does not know is text", `%{NUMBER:n:int}`, nil, `+0123`, `{"n":"+0123","message":"+0123"}`},
		{"a number with every digit", `%{NUMBER:n:float}`, nil, `12345678901234567890.123456789`, `{"n":12345678901234567890.123456789,"message":"12345678901234567890.123456789"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			format, err := Grok(c.pattern, c.own)
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := format([]byte("before"), []byte(c.line)); !ok || string(got) != "before"+c.want {
				t.Errorf("%t %s", ok, got)
			}
			if got, ok := format([]byte("before"), []byte("\xff")); ok || string(got) != "before" {
				t.Errorf("takes what is no text: %s", got)
			}
		})
	}
}

func TestGrokRefusesALineThatDoesNotFit(t *testing.T) {
	format, err := Grok(`^%{IP:client.address}$`, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := format([]byte("before"), []byte("localhost")); ok || string(got) != "before" {
		t.Errorf("%s", got)
	}
}

func TestGrokSaysWhatIsWrongWithAPattern(t *testing.T) {
	for pattern, want := range map[string]string{
		`%{NOSUCH:a}`:           `"NOSUCH" unknown`,
		`(%{INT:a}`:             `missing closing )`,
		`%{INT}`:                `captures nothing`,
		`(?=%{INT:a})`:          `invalid or unsupported Perl syntax`,
		strings.Repeat("(", 10): `missing`,
	} {
		if _, err := Grok(pattern, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}
