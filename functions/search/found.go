package main

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/sluice-dev/sluice/shared/raw"
)

// read reads what OpenSearch answered. The documents, most of the text, are passed over
// once and stay the bytes that came; the rest is decoded.
func (f *found) read(body []byte) error {
	var r raw.Reader
	r.Lenient(body)
	var documents []hit
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
			return r.Array(func() error {
				d, err := readHit(&r)
				documents = append(documents, d)
				return err
			})
		})
		rest.add(name, inner.object())
		return err
	})
	if err == nil {
		err = json.Unmarshal(rest.object(), f)
	}
	if err == nil && f.Hits == nil {
		err = errors.New("no hits in the reply")
	}
	if err != nil {
		return unreadable(err)
	}
	f.Hits.Hits = documents
	return nil
}

// readHit reads a document; what there is besides its usual members is decoded too.
func readHit(r *raw.Reader) (d hit, err error) {
	text, err := r.Value()
	if err != nil {
		return d, err
	}
	var in raw.Reader
	in.Lenient(text)
	plain := true
	err = in.Object(func(name []byte) error {
		value, err := in.Value()
		switch string(name) {
		case "_id":
			d.ID = string(raw.Text(value))
		case "_index":
			d.Index = string(raw.Text(value))
		case "_source":
			d.Source = value
		case "sort":
			d.Sort = value
		case "_score":
		default:
			plain = false
		}
		return err
	})
	if err == nil && !plain {
		err = json.Unmarshal(text, &d)
	}
	return d, err
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
