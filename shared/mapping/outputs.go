package mapping

import "strings"

// Outputs are the fields that the rules make of the field called name: what a document
// lacks when the field did not come in. Not ok if that cannot be said for sure: its value
// would be scattered over names that depend on it, or share an object with others.
func (m *Mapper) Outputs(name string) (fields []string, ok bool) {
	r := &m.rules
	for _, outer := range outward(name) {
		if r.dropped(outer) {
			return nil, true
		}
		if _, flat := r.Flatten[outer]; flat {
			return nil, false
		}
		if _, renamed := r.Rename[outer]; renamed && outer != name {
			return nil, false
		}
	}
	out, renamed := r.Rename[name]
	if !renamed {
		out = name
		if m.style != nil {
			out = string(m.style(nil, []byte(name)))
		}
	}
	if strings.Contains(name, ".") && m.style != nil || r.scatters(name) {
		return nil, false
	}
	fields = r.made(out)
	for _, field := range fields {
		if r.shared(field, name, out) {
			return nil, false
		}
	}
	return fields, true
}

func (r *Rules) dropped(path string) bool {
	for _, drop := range r.Drop {
		if drop == path {
			return true
		}
	}
	return false
}

func below(path, outer string) bool { return strings.HasPrefix(path, outer+".") }

// scatters says whether something inside of name goes elsewhere.
func (r *Rules) scatters(name string) bool {
	for from := range r.Rename {
		if below(from, name) {
			return true
		}
	}
	return false
}

// made are the fields that become of the one called out, and of what is inside of it.
func (r *Rules) made(out string) (fields []string) {
	split := r.Split[out]
	if fields = split.Into; split.Into == nil {
		fields = []string{out}
	}
	fields = fields[:len(fields):len(fields)]
	for to, from := range r.Copy {
		if from == out || below(from, out) {
			fields = append(fields, to)
		}
	}
	for from, split := range r.Split {
		if below(from, out) {
			fields = append(fields, split.Into...)
		}
	}
	return fields
}

// shared says whether other values than those of name, which becomes out, are put at
// field, into it or around it.
func (r *Rules) shared(field, name, out string) bool {
	meets := func(other string) bool { return other == field || below(other, field) || below(field, other) }
	for from, to := range r.Rename {
		if from != name && meets(to) {
			return true
		}
	}
	for to, from := range r.Copy {
		if below(out, from) || from != out && !below(from, out) && meets(to) {
			return true
		}
	}
	for from, split := range r.Split {
		for _, to := range split.Into {
			if from != out && !below(from, out) && meets(to) {
				return true
			}
		}
	}
	return false
}
