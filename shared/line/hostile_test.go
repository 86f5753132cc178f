package line

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestNothingOfALineIsLost(t *testing.T) {
	for _, c := range []struct {
		name   string
		format Format
		line   string
		want   string
	}{
		{"a time that comes twice", Logfmt, "time=2020-01-01T00:00:00Z time=2021-01-01T00:00:00Z msg=x",
			`{"message":"x","attributes":{"time":["2020-01-01T00:00:00Z","2021-01-01T00:00:00Z"]}}`},
		{"a parameter that comes twice, as in RFC 5424's section 6.3.5", Syslog, `<34>1 - - - - - [origin ip="192.0.2.1" ip="192.0.2.129"][a@1 b="c"] x`,
			`{"severity_text":"crit","severity_number":18,"message":"x","attributes":{"facility":"auth","structured_data":{"origin":{"ip":["192.0.2.1","192.0.2.129"]},"a@1":{"b":"c"}}}}`},
		{"escapes, brackets and spaces in a parameter", Syslog, `<34>1 - - - - - [a b="\"\]\\ [x=\"y\" " c=""] x`,
			`{"severity_text":"crit","severity_number":18,"message":"x","attributes":{"facility":"auth","structured_data":{"a":{"b":"\"]\\ [x=\"y\" ","c":""}}}}`},
		{"the mark that a message is UTF-8", Syslog, "<34>1 - - - - - - \ufeffé",
			`{"severity_text":"crit","severity_number":18,"message":"é","attributes":{"facility":"auth"}}`},
		{"an address of IPv6 without a port", Combined, `::1 - - [01/Jan/2024:00:00:00 +0000] "GET http://[2001:db8::1]/x HTTP/1.1" 200 1 "-" "-"`,
			`{"@timestamp":"2024-01-01T00:00:00Z","client.address":"::1","http.request.method":"GET","server.address":"2001:db8::1","url.path":"/x","network.protocol.version":"1.1","http.response.status_code":200,"http.response.body.size":1,"message":"::1 - - [01/Jan/2024:00:00:00 +0000] \"GET http://[2001:db8::1]/x HTTP/1.1\" 200 1 \"-\" \"-\""}`},
	} {
		if got, ok := c.format(nil, []byte(c.line)); !ok || string(got) != c.want {
			t.Errorf("%s: %t\n%s, want\n%s", c.name, ok, got, c.want)
		}
	}
}

// A log event may hold several lines.
func TestAFormatDoesNotPassOverLinesBehindItsOwn(t *testing.T) {
	for line, format := range map[string]Format{
		"a=1 msg=x\nb=2": Logfmt, "a=1 msg=x\r\nb=2": Logfmt,
		"#Version: 1.0\n2019-12-04 21:02:31": CloudFront, "#Fields: date time\nx": CloudFront,
	} {
		if got, ok := format([]byte("before"), []byte(line)); ok || string(got) != "before" {
			t.Errorf("%q: %s", line, got)
		}
	}
}

func TestALineOfManyKeysTakesNoLongerThanItsLength(t *testing.T) {
	var line strings.Builder
	for i := range 200_000 { // compared one by one, more than a minute
		fmt.Fprintf(&line, "k%d=1 ", i)
	}
	done := make(chan bool)
	go func() {
		_, ok := Logfmt(nil, []byte(line.String()))
		done <- ok
	}()
	select {
	case ok := <-done:
		if !ok {
			t.Error("refused")
		}
	case <-time.After(30 * time.Second):
		t.Error("it takes too long")
	}
}

func TestAPatternThatUsesItselfIsRefusedAtOnce(t *testing.T) {
	for _, own := range []map[string]string{
		{"A": "%{A:x}%{A:y}"}, {"A": "%{B:x}%{B:y}", "B": "%{A:x}"}, {"WORD": "%{WORD:word}", "A": "%{WORD}"},
	} {
		if _, err := Grok("%{A:z}", own); err == nil || !strings.Contains(err.Error(), "uses itself") || len(err.Error()) > 200 {
			t.Errorf("%v: %.300v", own, err)
		}
	}
}

func TestWhatOnlyLooksLikeAPatternsNameIsRefused(t *testing.T) {
	for _, pattern := range []string{"%{WORD:@timestamp} %{WORD:b}", "%{WORD:[a][b]} %{WORD:b}", "%{ WORD:a} %{WORD:b}", "%{INT:n:bool}", "%{INT:n"} {
		if _, err := Grok(pattern, nil); err == nil || !strings.Contains(err.Error(), "%{PATTERN:name}") {
			t.Errorf("%s: %v", pattern, err)
		}
		if _, err := Grok("%{OWN} %{WORD:c}", map[string]string{"OWN": pattern}); err == nil {
			t.Errorf("%s as a part is not refused", pattern)
		}
	}
}
