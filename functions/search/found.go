package main

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/raw"
)

// read reads what OpenSearch answered. The documents, most of the text, are passed over
// once and stay the bytes that came; the rest is decoded.
func (f *found) read(body []byte) error {
	var r raw.Reader
	r.Lenient(body)
	documents := hitReader{from: &r}
	rest := member{}
	err := r.Object(func(name []byte) error {
		if string(name) != "hits" {
			return rest.copy(&r, name)
		}
		inner := member{}
		err := r.Object(func(name []byte) error {
			if string(name) != "hits" {
				return inner.copy(&r, name)
			}
			return documents.read()
		})
		rest.add(name, inner.object())
		return err
	})
	if err == nil {
		err = r.End()
	}
	if err == nil {
		err = json.Unmarshal(rest.object(), f, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	}
	if err == nil && f.Hits == nil {
		err = errors.New("no hits in the reply")
	}
	if err != nil {
		return unreadable(err)
	}
	f.Hits.Hits = documents.list
	return nil
}

// hitReader reads documents one behind the other.
type hitReader struct {
	from *raw.Reader
	list []hit
}

func (h *hitReader) read() error {
	member := h.member
	return h.from.Array(func() error {
		h.list = append(h.list, hit{})
		return h.from.Object(member)
	})
}

// member reads one of the last document's members.
func (h *hitReader) member(name []byte) (err error) {
	value, err := h.from.Value()
	if err != nil {
		return err
	}
	d := &h.list[len(h.list)-1]
	switch string(name) {
	case "_id":
		d.ID = string(raw.Text(value))
	case "_index":
		d.Index = h.index(raw.Text(value))
	case "_source":
		d.Source = value
	case "sort":
		d.Sort = value
	case "highlight":
		d.Highlight = value
	case "_version":
		d.Version, err = strconv.ParseInt(string(value), 10, 64)
	}
	return err
}

// index is the name of an index, mostly that of the document before.
func (h *hitReader) index(name []byte) string {
	if n := len(h.list); n > 1 && h.list[n-2].Index == string(name) {
		return h.list[n-2].Index
	}
	return string(name)
}

// member is an object that is put together of members.
type member struct{ bytes.Buffer }

func (m *member) copy(r *raw.Reader, name []byte) error {
	value, err := r.Value()
	m.add(name, value)
	return err
}

func (m *member) add(name, value []byte) {
	if m.Len() > 0 {
		m.WriteByte(',')
	}
	m.Write(jsonOf(string(name)))
	m.WriteByte(':')
	m.Write(value)
}

func (m *member) object() []byte { return append(append([]byte{'{'}, m.Bytes()...), '}') }
