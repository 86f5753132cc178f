package mapping

import (
	"bytes"

	"github.com/sluice-dev/sluice/shared/raw"
)

// step converts one value that is no list, object or null.
type step struct {
	rule string
	// do appends the value as it becomes; not ok if the rule has nothing for it.
	do func(dst, value []byte) (_ []byte, ok bool)
}

func (f *field) converts() bool { return f != nil && (len(f.steps) > 0 || f.split != nil) }

// rule is the first that a value of the field meets.
func (f *field) rule() string {
	if f.split != nil {
		return "split"
	}
	return f.steps[0].rule
}

// convert takes a value through a field's steps.
func (p *pass) convert(dst, value []byte, f *field) ([]byte, error) {
	switch {
	case value[0] == 'n':
		return append(dst, value...), nil
	case f.split == nil:
		return p.steps(dst, value, f)
	case value[0] != '"':
		return p.unfit(dst, &Misfit{f.path, raw.Describe(value), "split"})
	}
	dst = append(dst, '[')
	var err error
	for part := range f.split.parts(raw.Text(value)) {
		if dst, err = p.steps(comma(dst), quote(nil, part), f); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func (p *pass) steps(dst, value []byte, f *field) ([]byte, error) {
	kind := value
	for i, s := range f.steps {
		turn := &p.turns[i%2]
		next, ok := s.do((*turn)[:0], value)
		if !ok {
			return p.unfit(dst, &Misfit{f.path, raw.Describe(kind), s.rule})
		}
		*turn, value = next, next
	}
	return append(dst, value...), nil
}

// unfit writes null for a value that does not fit, if that stops nothing.
func (p *pass) unfit(dst []byte, misfit *Misfit) ([]byte, error) {
	if p.keyOnly {
		return append(dst, "null"...), nil
	}
	return dst, misfit
}

// text is a string's content, or another value's literal.
func text(value []byte) []byte {
	if value[0] == '"' {
		return raw.Text(value)
	}
	return value
}

// enum is a table of values by their text or literal; "*" takes the others.
func enum(table map[string][]byte) func(dst, value []byte) ([]byte, bool) {
	other, open := table["*"]
	return func(dst, value []byte) ([]byte, bool) {
		if to, ok := table[string(text(value))]; ok {
			return append(dst, to...), true
		}
		return append(dst, other...), open
	}
}

var words = map[string]string{
	"true": "true", "yes": "true", "on": "true", "y": "true", "t": "true", "1": "true",
	"false": "false", "no": "false", "off": "false", "n": "false", "f": "false", "0": "false",
}

func toBoolean(dst, value []byte) ([]byte, bool) {
	word, ok := words[string(bytes.ToLower(bytes.TrimSpace(text(value))))]
	return append(dst, word...), ok
}
