package envelope

import "bytes"

// overlay is data with the values of old in their places.
func overlay(data, old []byte) []byte {
	o := object{out: make([]byte, 0, len(data)+len(old))}
	_ = members(data, func(name, value []byte) error { // both were walked whole
		o.name(name)
		if before := former(old, name); before != nil {
			value = before
		}
		o.out = append(o.out, value...)
		return nil
	})
	return o.end()
}

// former is a member of old, nil if it has none of that name.
func former(old, name []byte) (value []byte) {
	if old == nil {
		return nil
	}
	_ = members(old, func(n, v []byte) error {
		if bytes.Equal(n, name) {
			value = v
		}
		return nil
	})
	return value
}
