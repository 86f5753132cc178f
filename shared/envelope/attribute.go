package envelope

import "fmt"

// appendItem writes {"name": {"S": "text"}, ...} as {"name": "text", ...}.
func appendItem(dst, item []byte) ([]byte, error) {
	o := object{out: dst}
	err := members(item, func(name, value []byte) (err error) {
		o.name(name)
		if o.out, err = appendValue(o.out, value); err != nil {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
		return nil
	})
	return o.end(), flawed(err)
}

func flawed(err error) error {
	if err == nil {
		return nil
	}
	return &Flaw{"attribute_unreadable", err.Error()}
}

// appendValue writes one typed value: {"N": "1.50"} as 1.50, digit by digit.
func appendValue(dst, value []byte) ([]byte, error) {
	var letter string
	var inner []byte
	if err := members(value, func(name, v []byte) error {
		letter, inner = letter+string(name), v
		return nil
	}); err != nil {
		return nil, err
	}
	switch letter {
	case "S", "B", "BOOL":
		return append(dst, inner...), nil
	case "N":
		return number(dst, text(inner)), nil
	case "NULL":
		return append(dst, "null"...), nil
	case "M":
		return appendItem(dst, inner)
	case "L":
		return appendList(dst, inner, appendValue)
	case "SS", "BS":
		return append(dst, inner...), nil
	case "NS":
		return appendList(dst, inner, func(dst, v []byte) ([]byte, error) { return number(dst, text(v)), nil })
	}
	return nil, fmt.Errorf("type %q is not one of DynamoDB's", letter)
}

func appendList(dst, list []byte, one func(dst, v []byte) ([]byte, error)) ([]byte, error) {
	dst = append(dst, '[')
	first := true
	err := eachElement(list, func(v []byte) (err error) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst, err = one(dst, v)
		return err
	})
	return append(dst, ']'), err
}
