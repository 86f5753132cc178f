package line

import (
	"strings"
	"testing"
)

// Seen in a real site's log: the last quote of one line in ten thousand is missing.
func TestCombinedLineCutShortInItsLastFieldIsTaken(t *testing.T) {
	line := `46.118.127.106 - - [20/May/2015:12:05:17 +0000] "GET /configlib.py HTTP/1.1" 200 235 "-" "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html`
	got, ok := Combined(nil, []byte(line))
	if !ok || !strings.Contains(string(got), `"@timestamp":"2015-05-20T12:05:17Z"`) ||
		!strings.Contains(string(got), `"user_agent.original":"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html"`) {
		t.Errorf("%t %s", ok, got)
	}
	for _, not := range []string{line[:len(line)-80], line + `" extra`, strings.Replace(line, `"-" "`, `"-" `, 1)} {
		if got, ok := Combined(nil, []byte(not)); ok {
			t.Errorf("%s was taken as %s", not, got)
		}
	}
}
