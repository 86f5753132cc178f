package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
)

func written(t *testing.T, f Format, rows ...Row) string {
	t.Helper()
	out := f.Head()
	for _, r := range rows {
		var err error
		if out, err = f.Append(out, r); err != nil {
			t.Fatal(err)
		}
	}
	return string(out)
}

func TestNDJSONKeepsTheBytesOfASource(t *testing.T) {
	source := `{"n":18446744073709551615,"d":1.10,"s":"ü \u00fc \"x\" <b>","deep":{"a":[1,{"b":null}]}}`
	got := written(t, NDJSON{}, Row{`a"b`, "logs-1", []byte(source)}, Row{"b", "logs-1", []byte("{\n  \"s\": \"x\\ny\"\r\n}")}, Row{"c", "logs-1", nil})
	want := `{"id":"a\"b","index":"logs-1","source":` + source + "}\n" +
		`{"id":"b","index":"logs-1","source":{   "s": "x\ny"  }}` + "\n" +
		`{"id":"c","index":"logs-1","source":{}}` + "\n"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCSVOfAllFieldsLosesNothing(t *testing.T) {
	c := NewCSV([]string{"@timestamp", "n", "a.b", "labels", "s"}, true, false)
	for source, want := range map[string]string{
		`{"n":9007199254740993,"s":"x"}`:                         `1,i,,9007199254740993,,,x,`,
		`{"n":-5,"s":"-5"}`:                                      `1,i,,-5,,,-5,`,
		`{"n":1.10,"s":""}`:                                      `1,i,,1.10,,,"",`,
		`{"s":null}`:                                             `1,i,,,,,,`,
		`{"a":{"b":"nested","c":[1,2]}}`:                         `1,i,,,nested,,,"{""a.c"":[1,2]}"`,
		`{"a.b":"dotted","a":{"b":"twice"}}`:                     `1,i,,,dotted,,,"{""a.b"":""twice""}"`,
		`{"a":[{"b":1},{"b":2}]}`:                                `1,i,,,,,,"{""a"":[{""b"":1},{""b"":2}]}"`,
		`{"labels":{"x":["y"]}}`:                                 `1,i,,,,"{""x"":[""y""]}",,`,
		`{"s":"a,\"b\"\r\nc"}`:                                   `1,i,,,,,"a,""b""` + "\r\n" + `c",`,
		`{"s":"ünï 😀 \u2028"}`:                                   "1,i,,,,,ünï 😀 \u2028,",
		`{"s":" x"}`:                                             `1,i,,,,," x",`,
		`{"_id":"not it","unknown":{"deep":"=1"}}`:               `1,i,,,,,,"{""_id"":""not it"",""unknown"":{""deep"":""=1""}}"`,
		`{"s":true,"n":18446744073709551615}`:                    `1,i,,18446744073709551615,,,true,`,
		`{"@timestamp":"2026-02-10T00:00:00Z","s":[1,"a",null]}`: `1,i,2026-02-10T00:00:00Z,,,,"[1,""a"",null]",`,
	} {
		got := strings.TrimPrefix(written(t, c, Row{"1", "i", []byte(source)}), "_id,_index,@timestamp,n,a.b,labels,s,_other\r\n")
		if got != want+"\r\n" {
			t.Errorf("%s\n got %s\nwant %s", source, got, want)
		}
	}
}

func TestCSVOfNamedFieldsHasThoseAlone(t *testing.T) {
	c := NewCSV([]string{"items.sku", "_id", "s", "s"}, false, false)
	for source, want := range map[string]string{
		`{"items":[{"sku":"a","n":1},{"sku":"b"},{}, 3],"x":1}`: `"[""a"",""b""]",7,,`,
		`{"items":{"sku":"=a"}}`:                                `'=a,7,,`,
		`{}`:                                                    `,7,,`,
	} {
		got := strings.TrimPrefix(written(t, c, Row{"7", "i", []byte(source)}), "items.sku,_id,s\r\n")
		if got != strings.TrimSuffix(want, ",")+"\r\n" {
			t.Errorf("%s: %q, want %q", source, got, want)
		}
	}
	if got := written(t, NewCSV([]string{"items", "items.sku"}, false, false), Row{"7", "i", []byte(`{"items":{"sku":1}}`)}); !strings.HasSuffix(got, "\r\n\"{\"\"sku\"\":1}\",\r\n") {
		t.Error(got)
	}
}

// Formulas that spreadsheets run, as collected by OWASP and by those who were attacked.
var formulas = []string{
	"=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "-2+3+cmd|' /C calc'!D2", "\t=1+1", "\r=1+1", "\n=1+1",
	`=HYPERLINK("http://x","y")`, "＝1+1", "＋1", "－1+1", "＠SUM(1)", "-", "+", "=", "-5x", "+49 170 1234", "-1e", "--1",
}

func TestFormulasAreNeutralizedAndCanBeHadBack(t *testing.T) {
	for _, text := range formulas {
		got := neutral(text)
		if got != "'"+text {
			t.Errorf("%q becomes %q", text, got)
		}
		if twice := neutral(got); twice != "'"+got || twice[1:] != got {
			t.Errorf("%q cannot be told from what was neutralized", got)
		}
	}
	for _, text := range []string{"-5", "+5", "-5.25", "1e9", "-1E-9", "x=1", "", "'", "'x", "'-5", "2026-02-10", "a@b.c", "{\"a\":\"=1\"}"} {
		if got := neutral(text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	if got := written(t, NewCSV([]string{"@timestamp", "=1+1", "@SUM(1)"}, false, false)); got != "@timestamp,'=1+1,'@SUM(1)\r\n" {
		t.Errorf("%q", got)
	}
	for keep, want := range map[bool]string{false: "s\r\n'=1+1\r\n", true: "s\r\n=1+1\r\n"} {
		if got := written(t, NewCSV([]string{"s"}, false, keep), Row{"1", "i", []byte(`{"s":"=1+1"}`)}); got != want {
			t.Errorf("keep %t: %q", keep, got)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add(`{"s":"=a,\"b\"","n":[1,{"x":2}],"a":{"b":{}}}`)
	f.Add(`{"s":"\ud800","s":1}`)
	f.Add("{\"a\":[{\"b\":\"\r\n\"}]}")
	c := NewCSV([]string{"s", "n", "a.b"}, true, true)
	f.Fuzz(func(t *testing.T, source string) {
		if !json.Valid([]byte(source)) || !strings.HasPrefix(strings.TrimSpace(source), "{") {
			return
		}
		out, err := c.Append(nil, Row{"1", "i", []byte(source)})
		if err != nil {
			if strings.Count(source, "{")+strings.Count(source, "[") < 10_000 { // as deep as the parser goes
				t.Errorf("%q: %v", source, err)
			}
			return
		}
		record, err := csv.NewReader(bytes.NewReader(out)).Read()
		if err != nil || len(record) != 6 || record[0] != "1" {
			t.Errorf("%v %q", err, out)
		}
		if other := record[5]; other != "" && !json.Valid([]byte(other)) {
			t.Errorf("%q is no JSON", other)
		}
	})
}
