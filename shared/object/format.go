package object

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// Formats that a hint may name. JSON is lines of objects (NDJSON), objects on however
// many lines, arrays of objects, or {"Records": [...]}.
const (
	JSON  = "json"
	CSV   = "csv"
	Lines = "lines"
)

// Hint is what is known of an object apart from its content.
type Hint struct {
	Format      string // JSON, CSV or Lines; empty: the content tells, then the name and type
	Delimiter   byte   // of CSV; zero: a comma, or a tab in .tsv
	Name        string // the object's key
	ContentType string
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// detect chooses how the stream is cut. The choice depends on the object and the hint
// alone: it is the same each time, from wherever reading goes on.
func (c *Cutter) detect(hint Hint) error {
	head := clip(c.see(sniffed), sniffed)
	if err := c.ended(); err != nil {
		return err
	}
	if name := foreign(head); name != "" {
		return &Flaw{"format_unsupported", "the object is " + name + ": write NDJSON, JSON, CSV or lines of text, plain or packed by gzip or zstd"}
	}
	if bytes.HasPrefix(head, byteOrderMark) {
		c.drop(len(byteOrderMark))
		head = head[len(byteOrderMark):]
	}
	text := bytes.TrimLeft(head, space)
	comma, named := hint.columns()
	switch {
	case hint.Format == CSV, hint.Format == "" && named && !begins(text, "{", "["):
		return c.rows(comma)
	case hint.Format != Lines && begins(text, "[") && elements(text):
		c.next = (&values{Cutter: c}).piece
	case hint.Format != Lines && begins(text, "{"):
		return c.detectJSON(hint, text)
	default:
		c.next = lines{c}.piece
	}
	return nil
}

const (
	sniffed = 4 << 10
	space   = " \t\r\n"
)

func begins(text []byte, with ...string) bool {
	return slices.ContainsFunc(with, func(w string) bool { return bytes.HasPrefix(text, []byte(w)) })
}

// elements says that an array holds objects, or nothing: a log line may begin with a
// bracket too.
func elements(text []byte) bool {
	return begins(bytes.TrimLeft(text, "["+space), "{", "]") || len(bytes.Trim(text, "["+space)) == 0
}

// detectJSON tells objects that each have a line of their own, where a broken one spoils
// no other, from those that do not.
func (c *Cutter) detectJSON(hint Hint, text []byte) error {
	if recordsStart(text) > 0 {
		c.next = (&values{Cutter: c, records: true}).piece
		return nil
	}
	if !hint.linewise() && c.spread() {
		c.next = (&values{Cutter: c}).piece
		return c.ended()
	}
	c.next = lines{c}.piece
	return c.ended()
}

// spread says that the first object does not end with its line: it has several, or
// another object follows it.
func (c *Cutter) spread() bool {
	lead := len(c.rest()) - len(bytes.TrimLeft(c.rest(), space))
	var s bracket
	for {
		text := clip(c.rest(), c.limit)[lead:]
		line, _, ended := bytes.Cut(text, []byte("\n"))
		if end, ok := s.end(line); ok {
			return c.follows(lead + end)
		}
		line = bytes.TrimRight(line, space)
		switch {
		case ended:
			return !s.inString && len(line) > 0 && bytes.IndexByte([]byte("{[,:"), line[len(line)-1]) >= 0
		case c.full(), !c.fill():
			return false
		}
	}
}

// follows says that another object begins behind n bytes, on the same line.
func (c *Cutter) follows(n int) bool {
	for {
		text := bytes.TrimLeft(clip(c.rest(), c.limit+1)[n:], " \t\r")
		if len(text) > 0 || c.full() || !c.fill() {
			return begins(text, "{")
		}
	}
}

// clip makes what is seen of a stream independent of how it happened to arrive.
func clip(text []byte, most int) []byte { return text[:min(len(text), most)] }

// columns is the delimiter of CSV, and whether name or type say that it is CSV.
func (h Hint) columns() (comma byte, named bool) {
	kind, _, _ := strings.Cut(h.ContentType, ";")
	ext, comma := h.ext(), h.Delimiter
	tabs := ext == ".tsv" || kind == "text/tab-separated-values"
	if comma == 0 {
		comma = ','
		if tabs {
			comma = '\t'
		}
	}
	return comma, tabs || ext == ".csv" || kind == "text/csv"
}

// linewise says that the name promises a line to each object.
func (h Hint) linewise() bool { return slices.Contains([]string{".ndjson", ".jsonl"}, h.ext()) }

func (h Hint) ext() string {
	name := strings.ToLower(h.Name)
	for _, packed := range []string{".gz", ".gzip", ".zst", ".zstd"} {
		name = strings.TrimSuffix(name, packed)
	}
	return path.Ext(name)
}

// foreign names a format that is no text; empty for text.
func foreign(head []byte) string {
	for _, f := range [...]struct{ magic, name string }{
		{"PAR1", "Parquet"}, {"ORC", "ORC"}, {"Obj\x01", "Avro"}, {"PK\x03\x04", "a zip archive"}, {"BZh", "bzip2"},
		{"\xfd7zXZ\x00", "xz"}, {"\xff\x06\x00\x00sNaPpY", "snappy"}, {"\x04\x22\x4d\x18", "lz4"}, {"%PDF-", "PDF"},
		{"\xff\xfe", "UTF-16"}, {"\xfe\xff", "UTF-16"}, {"\x1f\x8b", "gzip in gzip in gzip"},
	} {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return f.name
		}
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return "no text"
	}
	return ""
}
