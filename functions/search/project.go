package main

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/raw"
)

// project is what of a document may be returned, as OpenSearch's _source does it: a name
// stands for all that is inside it, whether it is written nested or with dots.
func project(document []byte, includes, excludes []string) ([]byte, error) {
	if len(includes)+len(excludes) == 0 {
		return document, nil
	}
	p := projection{includes, excludes}
	out, err := p.object(nil, document, "", len(includes) == 0)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "a row's document cannot be read", err)
	}
	return out, nil
}

type projection struct{ includes, excludes []string }

// object writes what is left of one; all: nothing has to be included by name.
func (p projection) object(dst, value []byte, prefix string, all bool) ([]byte, error) {
	var r raw.Reader
	r.Lenient(value)
	dst = append(dst, '{')
	first := true
	err := r.Object(func(name []byte) error {
		path := prefix + string(name)
		inner, err := r.Value()
		if err != nil || holds(p.excludes, path) {
			return err
		}
		whole := all || holds(p.includes, path)
		if !whole && !leads(p.includes, path) {
			return nil
		}
		before := len(dst)
		if !first {
			dst = append(dst, ',')
		}
		dst, _ = jsontext.AppendQuote(dst, name)
		dst = append(dst, ':')
		var kept bool
		if dst, kept, err = p.value(dst, inner, path, whole); !kept {
			dst = dst[:before]
		} else {
			first = false
		}
		return err
	})
	return append(dst, '}'), err
}

// value writes what is left of one; not kept: it has nothing that was asked for.
func (p projection) value(dst, value []byte, path string, whole bool) ([]byte, bool, error) {
	if whole && !leads(p.excludes, path) {
		return append(dst, value...), true, nil
	}
	before := len(dst)
	switch jsontext.Value(value).Kind() {
	case raw.Object:
		dst, err := p.object(dst, value, path+".", whole)
		return dst, whole || len(dst) > before+2, err
	case raw.Array:
		return p.array(dst, value, path, whole)
	}
	return append(dst, value...), whole, nil
}

func (p projection) array(dst, value []byte, path string, whole bool) ([]byte, bool, error) {
	var r raw.Reader
	r.Lenient(value)
	dst = append(dst, '[')
	start := len(dst)
	err := r.Array(func() error {
		element, err := r.Value()
		if err != nil {
			return err
		}
		before := len(dst)
		if before > start {
			dst = append(dst, ',')
		}
		var kept bool
		if dst, kept, err = p.value(dst, element, path, whole); !kept {
			dst = dst[:before]
		}
		return err
	})
	kept := whole || len(dst) > start
	return append(dst, ']'), kept, err
}

// holds says that path is one of names, or inside one.
func holds(names []string, path string) bool {
	for _, name := range names {
		if path == name || strings.HasPrefix(path, name+".") || strings.Contains(name, "*") && matched(name, path) {
			return true
		}
	}
	return false
}

// matched says that a name with asterisks is path, or that path is inside one that it is.
func matched(name, path string) bool {
	first, rest, more := strings.Cut(name, "*")
	path, begins := strings.CutPrefix(path, first)
	if !begins || !more {
		return begins && (path == "" || path[0] == '.')
	}
	for at := 0; at <= len(path); at++ {
		if matched(rest, path[at:]) {
			return true
		}
	}
	return false
}

// leads says that one of names is inside path, or may be.
func leads(names []string, path string) bool {
	for _, name := range names {
		first, _, wild := strings.Cut(name, "*")
		if strings.HasPrefix(first, path+".") || wild && strings.HasPrefix(path+".", first) {
			return true
		}
	}
	return false
}
