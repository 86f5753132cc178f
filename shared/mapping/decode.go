package mapping

import "github.com/sluice-dev/sluice/shared/raw"

// decode reads the next value into maps, lists, strings, booleans, nil, and what number
// makes of a literal.
func decode(r *raw.Reader, number func(string) any) (any, error) {
	switch r.Kind() {
	case raw.Object:
		object := map[string]any{}
		err := r.Object(func(name []byte) (err error) {
			key := string(name)
			object[key], err = decode(r, number)
			return err
		})
		return object, err
	case raw.Array:
		list := []any{}
		err := r.Array(func() error {
			v, err := decode(r, number)
			list = append(list, v)
			return err
		})
		return list, err
	}
	value, err := r.Value()
	if err != nil {
		return nil, err
	}
	switch value[0] {
	case '"':
		return string(raw.Text(value)), nil
	case 'n':
		return nil, nil
	case 't', 'f':
		return value[0] == 't', nil
	}
	return number(string(value)), nil
}
