package raw

// maxDepth is jsontext's: deeper text is refused.
const maxDepth = 10000

// space passes over white space.
func (r *Reader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// peek is the next byte that is no white space, zero at the end.
func (r *Reader) peek() byte {
	if r.at < len(r.text) && r.text[r.at] > ' ' {
		return r.text[r.at]
	}
	if r.space(); r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

// take passes over c if it is next.
func (r *Reader) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.at++
	return true
}

// pass passes over the next value; false if it is none.
func (r *Reader) pass() bool {
	switch c := r.peek(); c {
	case '"':
		end, _, ok := r.quoted()
		r.at = end
		return ok
	case '{':
		return r.passObject()
	case '[':
		return r.passArray()
	case 'n':
		return r.literal("null")
	case 't':
		return r.literal("true")
	case 'f':
		return r.literal("false")
	default:
		return r.number()
	}
}

func (r *Reader) passObject() bool {
	if !r.enter(true) {
		return false
	}
	for more := !r.take('}'); more; more = !r.take('}') {
		if _, ok := r.name(); !ok || !r.pass() || !r.separated('}') {
			return false
		}
	}
	r.shut(true)
	return true
}

func (r *Reader) passArray() bool {
	if !r.enter(false) {
		return false
	}
	for more := !r.take(']'); more; more = !r.take(']') {
		if !r.pass() || !r.separated(']') {
			return false
		}
	}
	r.shut(false)
	return true
}

// enter passes over the bracket that opens an object or array.
func (r *Reader) enter(object bool) bool {
	r.at++
	if object && r.strict {
		r.names.open()
	}
	r.depth++
	return r.depth <= maxDepth
}

func (r *Reader) shut(object bool) {
	r.depth--
	if object && r.strict {
		r.names.shut()
	}
}

// separated says that a value is followed by a comma and another one, or by the end of
// what it is in.
func (r *Reader) separated(end byte) bool {
	switch c := r.peek(); c {
	case end:
		return true
	case ',':
		r.at++
		return r.peek() != end
	}
	return false
}

// name reads a member's name and the colon.
func (r *Reader) name() ([]byte, bool) {
	if r.peek() != '"' {
		return nil, false
	}
	start := r.at
	end, escaped, ok := r.quoted()
	if !ok {
		return nil, false
	}
	name := r.text[start+1 : end-1]
	if escaped {
		name = Text(r.text[start:end])
	}
	r.at = end
	return name, (!r.strict || r.names.add(name)) && r.take(':')
}

func (r *Reader) literal(word string) bool {
	rest := r.text[r.at:]
	if len(rest) < len(word) || string(rest[:len(word)]) != word {
		return false
	}
	r.at += len(word)
	return true
}

// number passes over -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
func (r *Reader) number() bool {
	r.sign("-")
	if r.at < len(r.text) && r.text[r.at] == '0' {
		r.at++
	} else if !r.digits() {
		return false
	}
	if r.sign(".") && !r.digits() {
		return false
	}
	if r.sign("eE") {
		r.sign("+-")
		return r.digits()
	}
	return true
}

// sign passes over one byte if it is one of them.
func (r *Reader) sign(these string) bool {
	if r.at == len(r.text) {
		return false
	}
	for i := range len(these) {
		if r.text[r.at] == these[i] {
			r.at++
			return true
		}
	}
	return false
}

func (r *Reader) digits() bool {
	start := r.at
	for r.at < len(r.text) && r.text[r.at]-'0' <= 9 {
		r.at++
	}
	return r.at > start
}
