package line

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

func TestCombinedLine(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"a page", `83.149.9.216 - - [17/May/2015:10:05:03 +0200] "GET /a.png?x=1&y HTTP/1.1" 200 203023 "http://example.com/" "Mozilla/5.0 (X11)"`,
			`{"@timestamp":"2015-05-17T08:05:03Z","client.address":"83.149.9.216","http.request.method":"GET","url.path":"/a.png","url.query":"x=1&y","network.protocol.version":"1.1","http.response.status_code":200,"http.response.body.size":203023,"http.request.header.referer":"http://example.com/","user_agent.original":"Mozilla/5.0 (X11)"`},
		{"what the log does not know", `::1 - ada [01/Jan/2024:00:00:00 +0000] "HEAD / HTTP/2.0" 304 - "-" "-"`,
			`{"@timestamp":"2024-01-01T00:00:00Z","client.address":"::1","user.name":"ada","http.request.method":"HEAD","url.path":"/","network.protocol.version":"2.0","http.response.status_code":304`},
		{"quotes in the agent", `a - - [01/Jan/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "say \"hi\" \\ \x16"`,
			`{"@timestamp":"2024-01-01T00:00:00Z","client.address":"a","http.request.method":"GET","url.path":"/","network.protocol.version":"1.1","http.response.status_code":200,"http.response.body.size":1,"user_agent.original":"say \"hi\" \\ \\x16"`},
		{"a line cut off", `a - - [01/Jan/2024:00:00:00 +0000] "HEAD / HTTP/1.1" 200 1 "-" "Mozilla/5.0 (compatible; Goo`,
			`{"@timestamp":"2024-01-01T00:00:00Z","client.address":"a","http.request.method":"HEAD","url.path":"/","network.protocol.version":"1.1","http.response.status_code":200,"http.response.body.size":1,"user_agent.original":"Mozilla/5.0 (compatible; Goo"`},
		{"a garbled request", `a - - [01/Jan/2024:00:00:00 +0000] "\x16\x03\x01" 400 0 "-" "-"`,
			`{"@timestamp":"2024-01-01T00:00:00Z","client.address":"a","http.response.status_code":400,"http.response.body.size":0`},
		{"a space in the path", `a - - [01/Jan/2024:00:00:00 +0000] "GET /a b HTTP/1.1" 200 1 "-" "-"`,
			`{"@timestamp":"2024-01-01T00:00:00Z","client.address":"a","http.request.method":"GET","url.path":"/a b","network.protocol.version":"1.1","http.response.status_code":200,"http.response.body.size":1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := Combined([]byte("before"), []byte(c.line))
			message, _ := json.Marshal(c.line)
			want := "before" + c.want + `,"message":`
			if !ok || len(got) < len(want) {
				t.Fatalf("%t %s", ok, got)
			}
			if diff := cmp.Diff(want, string(got[:len(want)])); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var whole map[string]any
			if err := json.Unmarshal(got[len("before"):], &whole); err != nil || whole["message"] != c.line {
				t.Errorf("message %v, want %s (%v)", whole["message"], message, err)
			}
		})
	}
}

func TestCombinedRefusesOtherLines(t *testing.T) {
	for _, line := range []string{
		"", "hello world", "a - - [x] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"",
		`a - - [01/Jan/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 1`,
		`a - - [01/Jan/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 x "-" "-"`,
		`a - - [01/Jan/2024:00:00:00 +0000] "GET / HTTP/1.1" 20 1 "-" "-"`,
		`a - - [01/Jan/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-" more`,
		`a - - [01/Jan/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "open`,
		"a - - [01/Jan/2024:00:00:00 +0000] \"GET /\xff HTTP/1.1\" 200 1 \"-\" \"-\"",
	} {
		if got, ok := Combined([]byte("before"), []byte(line)); ok || string(got) != "before" {
			t.Errorf("%q: %s", line, got)
		}
	}
}

func TestTextTakesAnyLineThatIsUTF8(t *testing.T) {
	if got, ok := Text(nil, []byte("tab\there \"é\"")); !ok || string(got) != `{"message":"tab\there \"é\""}` {
		t.Errorf("%s", got)
	}
	if _, ok := Text(nil, []byte("\xff")); ok {
		t.Error("broken UTF-8 was taken")
	}
}

func FuzzFormats(f *testing.F) {
	f.Add([]byte(`83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a.png?x=1 HTTP/1.1" 200 203023 "http://example.com/" "Mozilla \"5\""`))
	for _, name := range Names() {
		lines, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
		if err != nil {
			f.Fatal(err)
		}
		for line := range bytes.Lines(lines) {
			f.Add(bytes.TrimSpace(line))
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		for name, format := range formats {
			document, ok := format([]byte("before"), line)
			document, kept := bytes.CutPrefix(document, []byte("before"))
			if !kept || !ok && len(document) > 0 {
				t.Fatalf("%s: %t %s", name, ok, document)
			}
			if value := jsontext.Value(document); ok && len(document) > 0 && !value.IsValid() { // a name twice is not
				t.Errorf("%s: %s", name, document)
			}
		}
	})
}

func BenchmarkCombined(b *testing.B) {
	line := []byte(`83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /presentations/logstash-monitorama-2013/images/kibana-search.png HTTP/1.1" 200 203023 "http://semicomplete.com/" "Mozilla/5.0 (Macintosh)"`)
	buffer := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buffer, _ = Combined(buffer[:0], line)
	}
}
