package query

import (
	"errors"
	"strings"
	"testing"
)

func TestPrecedenceIsNotThenAndThenOr(t *testing.T) {
	for text, want := range map[string]string{
		`a:1 AND b:1 OR c:1 AND d:1`: `(a:"1" AND b:"1") OR (c:"1" AND d:"1")`,
		`a:1 OR c:1 AND d:1`:         `a:"1" OR (c:"1" AND d:"1")`,
		`NOT a:1 OR a:1`:             `NOT a:"1" OR a:"1"`,
		`NOT (NOT a:1)`:              `NOT NOT a:"1"`,
		`a:1 AND NOT b:1 OR d:1`:     `(a:"1" AND NOT b:"1") OR d:"1"`,
		`a b OR c`:                   `("a" AND "b") OR "c"`,
		`a -b !c`:                    `"a" AND NOT "b" AND NOT "c"`,
		`a && b || c`:                `("a" AND "b") OR "c"`,
		`a:(1 OR NOT 2)`:             `a:"1" OR NOT a:"2"`,
	} {
		node, err := Parse(text)
		if err != nil || node.String() != want {
			t.Errorf("%s\n got %v, %v\nwant %s", text, node, err, want)
		}
	}
}

func TestTextIsTakenAsWritten(t *testing.T) {
	for text, want := range map[string]string{
		``:                                     `*`,
		`  `:                                   `*`,
		`*:*`:                                  `*`,
		`and or not`:                           `"and" AND "or" AND "not"`,
		`"AND"`:                                `"AND"`,
		`p:"C:\\temp\\"`:                       `p:"C:\\temp\\"`,
		`p:C\:\\temp\\`:                        `p:"C:\\temp\\"`,
		`p:\/api\/v1\/items`:                   `p:"/api/v1/items"`,
		`p:/api/v1/items`:                      `p:"/api/v1/items"`,
		`"say \"hi\""`:                         `"say \"hi\""`,
		`t:2026-02-10T08:00:00+02:00`:          `t:"2026-02-10T08:00:00+02:00"`,
		`ip:2001:db8::1`:                       `ip:"2001:db8::1"`,
		`GET - x`:                              `"GET" AND "-" AND "x"`,
		`a:err* b:e?? c:* d\*`:                 `a:err* AND b:e?? AND c:* AND "d*"`,
		`n:[1 TO 5} n:{* TO "a b"] n:[* TO *]`: `n:["1" TO "5"} AND n:[* TO "a b"] AND n:*`,
		`n:>=1 n:<2 n:> 3`:                     `n:["1" TO *] AND n:[* TO "2"} AND n:{"3" TO *]`,
		`wéß:日本 “x”`:                           `wéß:"日本" AND "“x”"`,
	} {
		node, err := Parse(text)
		if err != nil || node.String() != want {
			t.Errorf("%s\n got %v, %v\nwant %s", text, node, err, want)
		}
	}
}

func TestMistakesPointAtTheirPositionAndSayWhatIsRight(t *testing.T) {
	for _, c := range []struct {
		text string
		at   int
		says string
	}{
		{`p:"C:\temp\"`, 2, "unterminated"},
		{`p:"C:\temp"`, 5, `write \\`},
		{`a AND`, 5, "missing here"},
		{`AND a`, 0, "needs a clause before it"},
		{`a OR OR b`, 5, "needs a clause before it"},
		{`(a OR b`, 0, "no closing )"},
		{`a)`, 1, "escape it"},
		{`a:`, 2, "a value is missing after a:"},
		{`a: AND b`, 3, "a value is missing after a:"},
		{`:a`, 0, "field's name is missing"},
		{`p:/err.*/`, 2, "regular expressions are not supported"},
		{`quick~2`, 5, "not supported"},
		{`"a b"~3`, 5, "not supported"},
		{`quick^2.5`, 5, "not supported"},
		{`+a b`, 0, "+ is not needed"},
		{`a*b`, 0, "end of a word"},
		{`é *b`, 2, "end of a word"},
		{`?`, 0, "cannot begin with a wildcard"},
		{`n:[1 5]`, 5, "TO is missing"},
		{`n:[2026-02-10T08:00:00 02:00 TO *]`, 23, "%2B"},
		{`n:[1 TO 5`, 2, "unterminated"},
		{`n:[1 TO ]`, 8, "a bound is missing"},
		{`n:>*`, 3, "no wildcards"},
		{`[1 TO 5]`, 0, "needs a field"},
		{`>5`, 0, "needs a field"},
		{`a:(b:c)`, 3, "close the group first"},
		{`f(x)`, 1, "put the whole value in double quotes"},
		{`say"hi"`, 3, `escape it as \"`},
		{`a\`, 1, "escapes nothing"},
		{`""`, 0, "empty phrase"},
		{"a\x00b", 1, "control character U+0000"},
		{strings.Repeat("a", 1001), 1000, "longer than 1000"},
		{strings.Repeat("(", 21) + "a", 20, "nested deeper than 20"},
		{strings.Repeat("!", 500) + "a", 20, "nested deeper than 20"},
		{strings.Repeat("a ", 129), 256, "more than 128 clauses"},
	} {
		_, err := Parse(c.text)
		all, _ := errors.AsType[Mistakes](err)
		if len(all) != 1 || all[0].Position != c.at || !strings.Contains(all[0].Text, c.says) {
			t.Errorf("%.60s: %v, want %q at %d", c.text, err, c.says, c.at)
		}
	}
}
