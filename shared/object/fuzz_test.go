package object

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// However the bytes arrive and wherever reading goes on, the pieces are the same ones, in
// order, none over the limit, and what is between two is no more than separators.
func FuzzCut(f *testing.F) {
	for _, c := range formats {
		f.Add([]byte(c.text), c.hint.Format, c.hint.Name)
		f.Add([]byte(zip(c.text)), c.hint.Format, c.hint.Name)
	}
	f.Add([]byte("a,b\n\"x\n"+strings.Repeat("y", 100)+"\n1,2\n"), CSV, "")
	f.Add([]byte(`[{"a":"`+strings.Repeat("y", 100)+`"},{}]`), "", "")
	f.Fuzz(func(t *testing.T, text []byte, format, name string) {
		const limit = 64
		hint := Hint{Format: format, Name: name}
		whole, err := cut(t, bytes.NewReader(text), hint, limit, 0)
		var flaw *Flaw
		if err != nil && !errors.As(err, &flaw) {
			t.Fatal(err)
		}
		slow, slowly := cut(t, dribble{strings.NewReader(string(text))}, hint, limit, 0)
		if strings.Join(whole, "\n") != strings.Join(slow, "\n") || (err == nil) != (slowly == nil) {
			t.Fatalf("%q (%v), byte by byte %q (%v)", whole, err, slow, slowly)
		}
		if err != nil {
			return
		}
		c, err := Open(bytes.NewReader(text), hint, limit)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for i := range whole {
			p, err := c.Next()
			if err != nil || len(p.Text) > 12*limit {
				t.Fatalf("piece %d of %d: %v, %d bytes", i, len(whole), err, len(p.Text))
			}
			rest, err := cut(t, bytes.NewReader(text), hint, limit, p.Offset)
			if err != nil || strings.Join(rest, "\n") != strings.Join(whole[i:], "\n") {
				t.Fatalf("from %d: %q, want %q (%v)", p.Offset, rest, whole[i:], err)
			}
		}
		if _, err := c.Next(); err != io.EOF {
			t.Fatal(err)
		}
	})
}

func FuzzNotified(f *testing.F) {
	for _, n := range notifications {
		f.Add([]byte(n.body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		n, ok := Notified(body)
		if !ok {
			return
		}
		for _, o := range n.Created {
			again, ok := Notified(o.Body)
			if !ok || len(again.Created) != 1 || again.Others != 0 {
				t.Fatalf("%q told of one object is read as %+v", o.Body, again)
			}
			if a := again.Created[0]; a.Bucket != o.Bucket || a.Key != o.Key || a.Version != o.Version || a.ETag != o.ETag || a.Size != o.Size || o.Bucket == "" || o.Key == "" {
				t.Fatalf("%+v, again %+v", o, a)
			}
		}
	})
}
