package mapping

import (
	"slices"
	"strings"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Complete is document with the fields named (dotted paths) taken from another document,
// in the place of its own. Found are those that the other has, and that have a place: none
// is inside of what is no object in document. Both documents are JSON objects, or nothing.
func Complete(document, other []byte, fields []string) (out []byte, found []string, err error) {
	c := completion{fields: fields}
	out, err = c.object(make([]byte, 0, len(document)+len(other)), document, other, "")
	return out, c.found, err
}

type completion struct {
	fields []string
	found  []string
}

func (c *completion) object(dst, document, other []byte, prefix string) ([]byte, error) {
	dst = append(dst, '{')
	var err error
	var own []string // names on the way to fields
	if err = each(document, func(name, value []byte) error {
		path := prefix + string(name)
		leads := c.leads(path)
		if leads {
			own = append(own, path)
		}
		switch {
		case slices.Contains(c.fields, path):
			return nil
		case value[0] == '{' && leads:
			dst, err = c.object(key(dst, name), value, within(other, name), path+".")
			return err
		}
		dst = append(key(dst, name), raw.Compact(value)...)
		return nil
	}); err != nil {
		return dst, err
	}
	err = each(other, func(name, value []byte) error {
		path := prefix + string(name)
		switch {
		case slices.Contains(c.fields, path):
			c.found = append(c.found, path)
			dst = append(key(dst, name), raw.Compact(value)...)
		case value[0] == '{' && c.leads(path) && !slices.Contains(own, path):
			before, had := len(dst), len(c.found)
			if dst, err = c.object(key(dst, name), nil, value, path+"."); len(c.found) == had {
				dst = dst[:before]
			}
		}
		return err
	})
	return append(dst, '}'), err
}

// leads says that a field is below path.
func (c *completion) leads(path string) bool {
	return slices.ContainsFunc(c.fields, func(field string) bool { return strings.HasPrefix(field, path+".") })
}

// each visits the members of an object, none of nothing.
func each(object []byte, visit func(name, value []byte) error) error {
	if len(object) == 0 {
		return nil
	}
	var r raw.Reader
	r.Lenient(object)
	return r.Object(func(name []byte) error {
		value, err := r.Value()
		if err != nil {
			return err
		}
		return visit(name, value)
	})
}

// within is the object of that name, nil without one.
func within(object, name []byte) (found []byte) {
	_ = each(object, func(n, value []byte) error { // it is read whole elsewhere
		if string(n) == string(name) && value[0] == '{' {
			found = value
		}
		return nil
	})
	return found
}
