package envelope

// overlay is data with the values of old, which has the changed columns, in their places.
func overlay(data, old []byte) []byte {
	changed := map[string][]byte{}
	_ = members(old, func(name, value []byte) error { // both were walked whole
		changed[string(name)] = value
		return nil
	})
	o := object{out: make([]byte, 0, len(data)+len(old))}
	_ = members(data, func(name, value []byte) error {
		o.name(name)
		if before, ok := changed[string(name)]; ok {
			value = before
		}
		o.out = append(o.out, value...)
		return nil
	})
	return o.end()
}
