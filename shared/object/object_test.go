package object

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func zip(texts ...string) string {
	var out bytes.Buffer
	for _, text := range texts {
		w := gzip.NewWriter(&out)
		_, _ = io.WriteString(w, text)
		_ = w.Close()
	}
	return out.String()
}

func zst(text string) string {
	w, _ := zstd.NewWriter(nil)
	return string(w.EncodeAll([]byte(text), nil))
}

// cut is each piece in a line: its offset, its text, its flaw.
func cut(t testing.TB, from io.ReadSeeker, hint Hint, limit int, start int64) (all []string, err error) {
	t.Helper()
	c, err := Open(from, hint, limit)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.SkipTo(start); err != nil {
		return nil, err
	}
	for last := int64(-1); ; {
		p, err := c.Next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		if p.Offset <= last || p.End <= p.Offset || c.Offset() != p.End {
			t.Fatalf("piece from %d to %d after %d, then %d", p.Offset, p.End, last, c.Offset())
		}
		last = p.Offset
		line := fmt.Sprintf("%d %s", p.Offset, p.Text)
		if p.Flaw != nil {
			line += " | " + p.Flaw.Type + ": " + p.Flaw.Text
		}
		all = append(all, line)
	}
}

const records = `{"Records":[{"a":1},{"b":"]}"} , {"c":[{}]}]}`

var formats = []struct {
	name, text string
	hint       Hint
	want       []string
}{
	{"NDJSON", "{\"a\":1}\n\n{\"b\":2}\r\n{\"c\":3}", Hint{}, []string{`0 {"a":1}`, `9 {"b":2}`, `18 {"c":3}`}},
	{"NDJSON after a byte order mark", "\xef\xbb\xbf{\"a\":1}\n{\"b\":2}\n", Hint{}, []string{`3 {"a":1}`, `11 {"b":2}`}},
	{"NDJSON with a broken line first", "{\"a\":\"x\n{\"b\":2}\n", Hint{}, []string{`0 {"a":"x`, `8 {"b":2}`}},
	{"NDJSON by its name", "{\"a\":[\n{\"b\":2}\n", Hint{Name: "x.ndjson.gz"}, []string{`0 {"a":[`, `7 {"b":2}`}},
	{"one object on several lines", "{\n \"a\": {\n }\n}\n", Hint{}, []string{"0 {\n \"a\": {\n }\n}"}},
	{"objects without newlines", `{"a":"}"}{"b":"\""} {"c":1}`, Hint{}, []string{`0 {"a":"}"}`, `9 {"b":"\""}`, `20 {"c":1}`}},
	{"an array", "[{\"a\":1},\n {\"b\":[2]}]\n", Hint{}, []string{`1 {"a":1}`, `11 {"b":[2]}`}},
	{"an empty array", " [ ] ", Hint{}, nil},
	{"an array without its end", `[{"a":1},{"b":`, Hint{}, []string{`1 {"a":1}`, `9 {"b":`}},
	{"an array with other values", `[{"a":1},null,"x,]",2,true]`, Hint{}, []string{`1 {"a":1}`, `9 null`, `14 "x,]"`, `20 2`, `22 true`}},
	{"arrays one after the other", "[{\"a\":1}]\n[{\"b\":1}]", Hint{}, []string{`1 {"a":1}`, `11 {"b":1}`}},
	{"CloudTrail's records", records, Hint{}, []string{`12 {"a":1}`, `20 {"b":"]}"}`, `33 {"c":[{}]}`}},
	{"records on several lines, twice", "{ \"Records\" : [\n {\"a\":1}\n],\"x\":{\"y\":\"]\"} }\n{\"Records\":[{\"b\":1}]}", Hint{}, []string{`17 {"a":1}`, `55 {"b":1}`}},
	{"lines", "one\n\n  two\r\nthree", Hint{}, []string{"0 one", "5 two", "12 three"}},
	{"lines that begin with a bracket", "[error] x\n[warn] y\n", Hint{}, []string{"0 [error] x", "10 [warn] y"}},
	{"lines with a number sign", "# one\n#two\n", Hint{}, []string{"0 # one", "6 #two"}},
	{"JSON taken as lines", "[{}]\n{\n", Hint{Format: Lines}, []string{"0 [{}]", "5 {"}},
	{"CSV by its name", "\xef\xbb\xbfid, name ,note\r\n1,\"a, \"\"b\"\"\n c\",\r\n\r\n2,é,\"\"\n", Hint{Name: "in/A.CSV.gz"},
		[]string{`19 {"id":"1","name":"a, \"b\"\n c"}`, `39 {"id":"2","name":"é","note":""}`}},
	{"CSV by its type", "a\tb\n1\t2", Hint{ContentType: "text/tab-separated-values; charset=utf-8"}, []string{`4 {"a":"1","b":"2"}`}},
	{"CSV because it is said", "a;b\n5\" x;2,5\n", Hint{Format: CSV, Delimiter: ';'}, []string{`4 {"a":"5\" x","b":"2,5"}`}},
	{"CSV with broken rows", "a,b\n1\n1,2,3\n\"x\"y,2\n\xff,1\n5,6\n\"open,7\n", Hint{Format: CSV}, []string{
		"4 1 | csv_row: the row at byte 4 has 1 fields, the first row 2", "6 1,2,3 | csv_row: the row at byte 6 has 3 fields, the first row 2",
		"12 \"x\"y,2 | csv_row: the quotes of the row at byte 12 do not pair up", "19 \xff,1 | csv_row: the row at byte 19 is not UTF-8", `23 {"a":"5","b":"6"}`,
		"27 \"open,7 | csv_row: the quotes of the row at byte 27 do not pair up"}},
	{"CSV with a carriage return in a field", "a,b\r\nx\r,\"y\r\"\r\n\r,\r\n", Hint{Format: CSV}, []string{`5 {"a":"x\r","b":"y\r"}`, `14 {"a":"\r"}`}},
	{"JSON that is named CSV", `{"a":1}`, Hint{Name: "x.csv"}, []string{`0 {"a":1}`}},
	{"a CSV of a header alone", "a,b\n", Hint{Format: CSV}, nil},
	{"nothing", "", Hint{}, nil},
	{"white space", " \n\n", Hint{}, nil},
}

func TestEachFormatIsCutWithItsOffsets(t *testing.T) {
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			for packing, packed := range map[string]string{
				"plain": f.text, "gzip": zip(f.text), "gzip of members": zip(f.text[:len(f.text)/2], f.text[len(f.text)/2:]), "zstd": zst(f.text), "gzip in gzip": zip(zip(f.text)),
			} {
				got, err := cut(t, strings.NewReader(packed), f.hint, 1<<10, 0)
				if diff := cmp.Diff(f.want, trimmed(got)); diff != "" || err != nil {
					t.Errorf("%s: %v (-want +got):\n%s", packing, err, diff)
				}
			}
		})
	}
}

func trimmed(all []string) []string {
	for i := range all {
		all[i] = strings.TrimRight(all[i], "\n")
	}
	return all
}

// dribble gives a byte at a time.
type dribble struct{ *strings.Reader }

func (d dribble) Read(p []byte) (int, error) { return iotest.OneByteReader(d.Reader).Read(p) }

// However the bytes arrive, and from wherever reading goes on, the pieces are the same.
func TestReadingGoesOnAtEachPiece(t *testing.T) {
	for _, f := range formats {
		for _, packed := range []string{f.text, zip(f.text)} {
			whole, _ := cut(t, dribble{strings.NewReader(packed)}, f.hint, 1<<10, 0)
			if diff := cmp.Diff(f.want, trimmed(whole)); diff != "" {
				t.Errorf("%s, byte by byte (-want +got):\n%s", f.name, diff)
			}
			for i := range whole {
				var offset int64
				_, _ = fmt.Sscan(whole[i], &offset)
				rest, err := cut(t, strings.NewReader(packed), f.hint, 1<<10, offset)
				if diff := cmp.Diff(whole[i:], trimmed(rest)); diff != "" || err != nil {
					t.Errorf("%s from %d: %v (-want +got):\n%s", f.name, offset, err, diff)
				}
			}
		}
	}
}

func TestPieceOverTheLimitIsNamedByItsPlaceAndTheRestGoesOn(t *testing.T) {
	long := strings.Repeat("x", 300<<10)
	for _, f := range []struct {
		name, text string
		hint       Hint
		at, size   int
	}{
		{"NDJSON", "{\"a\":1}\n{\"a\":\"" + long + "\"}\n{\"b\":2}\n", Hint{}, 8, len(long) + 9},
		{"the first line", "{\"a\":\"" + long + "\"}\n{\"b\":2}\n", Hint{}, 0, len(long) + 9},
		{"array", `[{"a":1},{"a":"` + long + `"},{"b":2}]`, Hint{}, 9, len(long) + 8},
		{"a long value", `[{"a":1},` + long + `,{"b":2}]`, Hint{}, 9, len(long)},
		{"CSV", "a,b\n1,2\n\"" + long + "\",1\n3,4\n", Hint{Format: CSV}, 8, len(long) + 5},
		{"CSV whose quote is not closed", "a,b\n1,2\n\"" + long + ",1\n3,4\n", Hint{Format: CSV}, 8, len(long) + 4},
	} {
		for _, from := range []io.ReadSeeker{strings.NewReader(f.text), dribble{strings.NewReader(f.text)}} {
			got, err := cut(t, from, f.hint, 100<<10, 0)
			if err != nil {
				t.Fatal(f.name, err)
			}
			want := fmt.Sprintf("%d  | too_large: %d bytes at byte %d of the object: a document has at most %d (BULK_MAX_BYTES)", f.at, f.size, f.at, 100<<10)
			flaws, last := 0, got[len(got)-1]
			for _, line := range got {
				if line == want {
					flaws++
				}
			}
			if flaws != 1 || !strings.Contains(last, `"b":2`) && !strings.Contains(last, `"b":"4"`) {
				t.Errorf("%s: %.300q, want %s", f.name, got, want)
			}
		}
	}
}

func TestWhatIsNoTextIsRefusedWhole(t *testing.T) {
	for text, want := range map[string]string{
		"PAR1\x15\x04": "format_unsupported", "Obj\x01x": "format_unsupported", "PK\x03\x04": "format_unsupported", "\xff\xfea\x00": "format_unsupported",
		"text\x00": "format_unsupported", zip(zip(zip("x"))): "format_unsupported", zip("x")[:12]: "object_unreadable", "\x1f\x8bxxxx": "object_unreadable",
		zst(strings.Repeat("xy", 500))[:15]: "object_unreadable",
	} {
		_, err := cut(t, strings.NewReader(text), Hint{}, 1<<10, 0)
		if flaw, ok := errors.AsType[*Flaw](err); !ok || flaw.Type != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]string{"a,a\n": "two columns", "a,\n": "column 2 has no name", "\xff\n": "not UTF-8", "\"a\n": "quotes", strings.Repeat("x", 2<<10): "at most 1024"} {
		if _, err := cut(t, strings.NewReader(text), Hint{Format: CSV}, 1<<10, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
}

// What comes before the damage is cut all the same.
func TestDamageIsToldWhereItBegins(t *testing.T) {
	text := zip(strings.Repeat("{\"a\":1}\n", 100_000))
	got, err := cut(t, strings.NewReader(text[:len(text)/2]), Hint{}, 1<<10, 0)
	flaw, ok := errors.AsType[*Flaw](err)
	if !ok || flaw.Type != "object_unreadable" || len(got) < 1000 {
		t.Error(len(got), err)
	}
}

type broken struct{ *strings.Reader }

var errBroken = errors.New("connection lost")

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p[:min(len(p), 100)])
	if err == io.EOF {
		err = errBroken
	}
	return n, err
}

// It is the source that failed, whatever gzip says of it.
func TestFailureOfTheSourceIsNoFlawOfTheObject(t *testing.T) {
	for _, text := range []string{"", "{\"a\":1}\n{", zip("{\"a\":1}\n")[:20], zst("{\"a\":1}\n")[:10], zip(strings.Repeat("x", 1000))[:14]} {
		for _, hint := range []Hint{{}, {Format: CSV}} {
			if _, err := cut(t, broken{strings.NewReader(text)}, hint, 1<<10, 0); !errors.Is(err, errBroken) {
				t.Errorf("%q: %v", text, err)
			}
		}
	}
}

func TestMemoryIsBoundedByOneDocument(t *testing.T) {
	line := []byte(strings.Repeat("x", 1000) + "\n")
	c, err := Open(&endless{line: line, left: 200 << 20}, Hint{}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for {
		if _, err = c.Next(); err != nil {
			break
		}
		n++
	}
	if want := (200 << 20) / len(line); err != io.EOF || n < want || cap(c.data) > 4<<20 {
		t.Error(err, n, want, cap(c.data))
	}
}

type endless struct {
	line []byte
	left int
	at   int
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) && e.left > 0 {
		k := copy(p[n:], e.line[e.at:])
		e.at = (e.at + k) % len(e.line)
		n, e.left = n+k, e.left-k
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (e *endless) Seek(int64, int) (int64, error) { return 0, errors.New("no") }

// A spreadsheet's "CSV (Macintosh)" would be one row, the first, and no document at all.
func TestACSVOfCarriageReturnsAloneIsRefused(t *testing.T) {
	_, err := cut(t, strings.NewReader("a,b\r1,2\r3,4\r"), Hint{Format: CSV}, 1<<10, 0)
	if flaw, ok := errors.AsType[*Flaw](err); !ok || flaw.Type != "csv_header" || !strings.Contains(flaw.Text, "carriage return") {
		t.Error(err)
	}
}
