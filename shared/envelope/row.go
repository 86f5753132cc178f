package envelope

import "bytes"

// rowReader makes a document of a row's image.
type rowReader struct {
	columns  Columns // what the collection says
	types    Columns // what the message's schema says
	known    bool    // there is a schema
	flat     bool    // members that begin with __ are the envelope's
	fallback []byte  // the row before: it may have what the image lacks
	keyOnly  bool    // only the row's key matters: what cannot be read is left out

	missing []string
	blanks  int
}

func (r *rowReader) read(image []byte) ([]byte, error) {
	o := object{out: make([]byte, 0, len(image)+len(image)/4)}
	var lacking [][]byte
	err := members(image, func(name, value []byte) error {
		if r.flat && bytes.HasPrefix(name, []byte("__")) {
			return nil
		}
		if unavailable(value) {
			lacking = append(lacking, bytes.Clone(name))
			return nil
		}
		return r.append(&o, name, value)
	})
	for _, name := range lacking {
		if err == nil {
			err = r.recover(&o, name)
		}
	}
	return o.end(), err
}

func (r *rowReader) append(o *object, name, value []byte) error {
	before := *o
	o.name(name)
	out, blank, err := r.column(string(name)).append(o.out, string(name), value)
	if err != nil && r.keyOnly {
		*o = before
		return nil
	}
	if blank {
		r.blanks++
	}
	o.out = out
	return err
}

// recover takes a value that was not sent from the row before: replica identity full
// keeps it there.
func (r *rowReader) recover(o *object, name []byte) error {
	var value []byte
	if r.fallback != nil {
		if err := members(r.fallback, func(n, v []byte) error {
			if bytes.Equal(n, name) && !unavailable(v) {
				value = v
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if value == nil {
		if !r.keyOnly {
			r.missing = append(r.missing, string(name))
		}
		return nil
	}
	return r.append(o, name, value)
}

// column is what the schema says of a value, else what the collection says.
func (r *rowReader) column(name string) Column {
	said := r.columns[name]
	if !r.known {
		return said
	}
	c := r.types[name]
	c.JSON = said.JSON
	return c
}
