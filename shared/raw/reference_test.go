package raw

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// reference reads by jsontext alone: what Reader must find, hand out and refuse.
type reference struct{ *jsontext.Decoder }

func (r reference) Kind() jsontext.Kind    { return r.PeekKind() }
func (r reference) Value() ([]byte, error) { return r.ReadValue() }
func (r reference) Skip() error            { return r.SkipValue() }

func (r reference) AppendText(dst []byte) ([]byte, error) {
	value, err := r.ReadValue()
	if err == nil && value.Kind() == String {
		dst, _ = jsontext.AppendUnquote(dst, value)
	}
	return dst, err
}

func (r reference) End() error {
	_, err := r.ReadToken()
	switch err {
	case io.EOF:
		return nil
	case nil:
		return &jsontext.SyntacticError{ByteOffset: r.InputOffset(), Err: errAfterValue}
	}
	return err
}

func (r reference) Object(visit func(name []byte) error) error {
	if err := r.open(Object); err != nil {
		return err
	}
	for r.PeekKind() != '}' {
		quoted, err := r.ReadValue()
		if err != nil {
			return err
		}
		if err := visit(Text(quoted)); err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return err
}

func (r reference) Array(visit func() error) error {
	if err := r.open(Array); err != nil {
		return err
	}
	for r.PeekKind() != ']' {
		if r.PeekKind() == 0 {
			_, err := r.ReadToken()
			return err
		}
		if err := visit(); err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return err
}

func (r reference) open(kind jsontext.Kind) error {
	token, err := r.ReadToken()
	if err != nil {
		return err
	}
	if token.Kind() != kind {
		return &jsontext.SyntacticError{ByteOffset: r.InputOffset(), Err: wrongKind(kind)}
	}
	return nil
}

type reader interface {
	Kind() jsontext.Kind
	Value() ([]byte, error)
	Skip() error
	AppendText(dst []byte) ([]byte, error)
	End() error
	Object(visit func(name []byte) error) error
	Array(visit func() error) error
}

// walk reads a text in a way that plan chooses, and tells all that it was handed, or what
// kind of error there was: jsontext itself has two for some texts, by value and by token,
// and ours is the former.
func walk(r reader, plan []byte) string {
	var told strings.Builder
	var value func() error
	value = func() error {
		how := byte(0)
		if len(plan) > 0 {
			how, plan = plan[0], plan[1:]
		}
		kind := r.Kind()
		if kind == '}' || kind == ']' {
			kind = 0 // no value begins with it
		}
		fmt.Fprintf(&told, "%s ", kind)
		switch {
		case kind == Object && how%4 > 1 || how == 250:
			return r.Object(func(name []byte) error {
				fmt.Fprintf(&told, "%q: ", name)
				return value()
			})
		case kind == Array && how%4 > 1 || how == 251:
			return r.Array(value)
		case how%8 == 4:
			text, err := r.AppendText([]byte("before"))
			fmt.Fprintf(&told, "%q ", text)
			return err
		case how%2 == 0:
			text, err := r.Value()
			fmt.Fprintf(&told, "%q ", text)
			return err
		}
		return r.Skip()
	}
	err := value()
	if err == nil {
		err = r.End()
	}
	if err == nil {
		return told.String()
	}
	path, _ := Duplicate(err)
	kind, _ := errors.AsType[*jsontext.SyntacticError](err)
	return fmt.Sprintf("refused: duplicate %q, too early %t, another kind %t", path,
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF), kind != nil && isWrongKind(kind.Err))
}

func isWrongKind(err error) bool {
	_, ok := errors.AsType[wrongKind](err)
	return ok
}

func compare(t *testing.T, text string, plan []byte) {
	t.Helper()
	for _, strict := range []bool{false, true} {
		var r Reader
		options := []jsontext.Options{jsontext.AllowDuplicateNames(!strict), jsontext.AllowInvalidUTF8(!strict)}
		if r.Lenient([]byte(text)); strict {
			r.Strict([]byte(text))
		}
		again := func(plan []byte) string {
			return walk(reference{jsontext.NewDecoder(bytes.NewBuffer([]byte(text)), options...)}, plan)
		}
		want := again(plan)
		if strings.HasPrefix(want, "refused") && !strings.HasSuffix(want, "another kind true") {
			want = again(nil)
		}
		if diff := cmp.Diff(want, walk(&r, plan)); diff != "" {
			t.Fatalf("strict %t, plan %v: %.200q\n%.2000s", strict, plan, text, diff)
		}
	}
}

var hard = []string{
	``, ` `, `{}`, ` { } `, `[]`, `[ ]`, `{"a":1}`, `{"a":1,}`, `{,}`, `[,]`, `[1,]`, `[1 2]`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a"}`, `{1:2}`, `{"a":}`, `{"a":1]`, `[1}`, `]`, `}`, `,`, `:`,
	`0`, `-0`, `-`, `00`, `01`, `-01`, `1.`, `1.5`, `.5`, `1e`, `1e+`, `1E-7`, `1e5.`, `9007199254740993`, `[-]`, `[1.,2]`, `[1e9 ]`, `- 1`, `+1`,
	`null`, `nul`, `nulls`, `[nulll]`, `true`, `trux`, `false`, `falsy`, `"`, `"a`, `"\`, `"\"`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\u00e9"`, `"\u00E9\u0000"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83d\u0061"`, `"\ude00"`, `"\ud83d\"`,
	`"tab	"`, "\"line\n\"", "\"\x7f\"", "\"\x00\"", `"é"`, "\"\xff\"", "\"\xc3\"", "\"a\xe2\x82\"", "\"\xed\xa0\x80\"", "\"000000\x9d\"        ", `"0123456789012345678901234567890123456789\n012345670123456\"7"`, "\"01234567\xf0\x9f\x98\x80\\t\"",
	`{"a":{"b":1,"b":2}}`, `{"a":1,"\u0061":2}`, `{"a":1,"A":2}`, `[{"k":1},{"k":1}]`, `{"a":[{"a":{"a":1}}],"a":0}`, "{\"\xff\":1}", `{"":1,"":2}`,
	`{"@timestamp":"2015-05-17T10:05:03Z","client.address":"83.149.9.216","message":"say \"hi\" \\ é \u2028"}`, `{"Records":[{"body":"{\"a\":\"\\\"\"}"}]}`,
	`1 2`, `{} x`, `[] ]`, `"a" "b"`, "\ufeff{}", `{"a":1}` + "\x00", `[[[[[[[[]]]]]]]`, `[[[[[[[[]]]]]]]]]`, `{"a":tru`, `{"a":[1,{"b":`, `[1,2`,
}

func plans() [][]byte {
	return [][]byte{nil, {1}, {2, 2, 2, 2, 2, 2}, {2, 4, 4, 4, 4}, {4}, {250}, {251}, {3, 3, 250, 251}, {2, 1, 2, 3, 0, 4}}
}

func TestReaderReadsAsJSONTextDoes(t *testing.T) {
	for _, text := range hard {
		for _, plan := range plans() {
			compare(t, text, plan)
		}
	}
	for i := range 80 { // more members than are compared one by one
		all, twice := `{"x":{"y":1}`, ""
		for j := range i {
			all += fmt.Sprintf(`,"name%d":%d`, j, j)
			twice = fmt.Sprintf(`,"name%d":0`, j/2)
		}
		for _, plan := range plans() {
			compare(t, all+"}", plan)
			compare(t, all+twice+"}", plan)
		}
	}
}

func TestReaderNestsAsDeepAsJSONTextDoes(t *testing.T) {
	for _, depth := range []int{maxDepth - 1, maxDepth, maxDepth + 1} {
		for _, plan := range [][]byte{nil, {1}, bytes.Repeat([]byte{2}, depth)} {
			compare(t, strings.Repeat("[", depth)+strings.Repeat("]", depth), plan)
			compare(t, strings.Repeat(`{"a":`, depth)+"1"+strings.Repeat("}", depth), plan)
		}
	}
}

func FuzzReaderReadsAsJSONTextDoes(f *testing.F) {
	for _, text := range hard {
		for _, plan := range plans() {
			f.Add(text, plan)
		}
	}
	f.Fuzz(func(t *testing.T, text string, plan []byte) { compare(t, text, plan) })
}

var document = []byte(`{"@timestamp":"2015-05-17T10:05:03Z","client.address":"83.149.9.216","http.request.method":"GET","url.path":"/presentations/logstash/images/kibana-search.png","network.protocol.version":"1.1","http.response.status_code":200,"http.response.body.size":203023,"http.request.header.referer":"http://www.example.com/presentations/","user_agent.original":"Mozilla/5.0 (X11)"}`)

func BenchmarkStrict(b *testing.B) {
	b.SetBytes(int64(len(document)))
	var r Reader
	for b.Loop() {
		r.Strict(document)
		if r.Object(func([]byte) error { return r.Skip() }) != nil || r.End() != nil {
			b.Fatal("refused")
		}
	}
}

// BenchmarkJSONText is what Reader is measured against.
func BenchmarkJSONText(b *testing.B) {
	b.SetBytes(int64(len(document)))
	buffer, r := &bytes.Buffer{}, reference{new(jsontext.Decoder)}
	for b.Loop() {
		*buffer = *bytes.NewBuffer(document)
		r.Reset(buffer)
		if r.Object(func([]byte) error { return r.Skip() }) != nil || r.End() != nil {
			b.Fatal("refused")
		}
	}
}

func BenchmarkUnquote(b *testing.B) {
	quoted, _ := jsontext.AppendQuote(nil, document)
	b.SetBytes(int64(len(quoted)))
	var r Reader
	out := make([]byte, 0, 1024)
	for b.Loop() {
		r.Lenient(append(quoted, "         "...))
		if _, err := r.AppendText(out); err != nil {
			b.Fatal(err)
		}
	}
}
