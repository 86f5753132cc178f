package query

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/raw"
)

// value is one value of a posted body, and where it stands in it. Numbers keep their
// digits: text is a string's content, and of anything else that is no object and no
// array what was written.
type value struct {
	up      *value
	name    string // in the object above
	index   int    // in the array above
	kind    jsontext.Kind
	text    string
	members []*value // of an object, in their order
	items   []*value // of an array
}

var (
	errDeepBody = errors.New("deep")
	errManyBody = errors.New("many")
)

// tree builds values, so many and so deep at most.
type tree struct {
	raw.Reader
	count   int
	control *value // holds a control character
}

// readValue reads a body that is strict JSON, an object. An empty one is an empty object.
func readValue(text []byte) (*value, *Mistake) {
	if len(bytes.TrimSpace(text)) == 0 {
		return &value{kind: raw.Object}, nil
	}
	if len(text) > MaxBody {
		return nil, in("body", "is longer than %d bytes", MaxBody)
	}
	t := &tree{}
	t.Strict(text)
	root := &value{}
	err := t.read(root, 0)
	if err == nil {
		err = t.End()
	}
	switch path, twice := raw.Duplicate(err); {
	case errors.Is(err, errDeepBody):
		return nil, in("body", "is nested deeper than %d objects and arrays", maxBodyDepth)
	case errors.Is(err, errManyBody):
		return nil, in("body", "holds more than %d values", maxBodyValues)
	case twice:
		return nil, in(short(path, 200), "is given twice")
	case err != nil:
		return nil, in("body", "is not JSON: %s", raw.Explain(err))
	case root.kind != raw.Object:
		return nil, in("body", "is %s: it must be an object, such as {\"query\":{\"match_all\":{}}}", root.describe())
	case t.control != nil:
		return nil, in(t.control.path(), "holds a control character: leave it out")
	}
	return root, nil
}

func (t *tree) read(v *value, depth int) (err error) {
	if t.count++; t.count > maxBodyValues {
		return errManyBody
	}
	if depth > maxBodyDepth {
		return errDeepBody
	}
	switch v.kind = t.Kind(); v.kind {
	case raw.Object:
		return t.Object(func(name []byte) error {
			one := &value{up: v, name: string(name)}
			t.look(one, one.name)
			v.members = append(v.members, one)
			return t.read(one, depth+1)
		})
	case raw.Array:
		return t.Array(func() error {
			one := &value{up: v, index: len(v.items)}
			v.items = append(v.items, one)
			return t.read(one, depth+1)
		})
	}
	text, err := t.Value()
	if err != nil {
		return err
	}
	v.text = string(text)
	if v.kind == raw.String {
		v.text = string(raw.Text(text))
		t.look(v, v.text)
	}
	return nil
}

func (t *tree) look(v *value, text string) {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }) && t.control == nil {
		t.control = v
	}
}

// path says where the value stands: query.bool.must[1].match.
func (v *value) path() string {
	switch {
	case v.up == nil:
		return ""
	case v.up.kind == raw.Array:
		return v.up.path() + "[" + strconv.Itoa(v.index) + "]"
	case v.up.up == nil:
		return short(v.name, 80)
	}
	return v.up.path() + "." + short(v.name, 80)
}

func (v *value) describe() string {
	if v.kind == raw.Number {
		return raw.Describe([]byte(v.text))
	}
	return raw.Describe([]byte{byte(v.kind)})
}

// scalar says whether the value is a string, a number or a boolean.
func (v *value) scalar() bool {
	return v.kind != raw.Object && v.kind != raw.Array && v.kind != raw.Null
}

func (v *value) member(name string) *value {
	for _, m := range v.members {
		if m.name == name {
			return m
		}
	}
	return nil
}

// write puts the value into a text that is the same for the same value, for cursors to
// be bound to.
func (v *value) write(out *bytes.Buffer) {
	switch v.kind {
	case raw.Object:
		out.WriteByte('{')
		for _, m := range v.members {
			out.WriteString(strconv.Quote(m.name) + ":")
			m.write(out)
			out.WriteByte(',')
		}
		out.WriteByte('}')
	case raw.Array:
		out.WriteByte('[')
		for _, one := range v.items {
			one.write(out)
			out.WriteByte(',')
		}
		out.WriteByte(']')
	case raw.String:
		out.WriteString(strconv.Quote(v.text))
	default:
		out.WriteString(v.text)
	}
}

func short(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}

func in(path, format string, args ...any) *Mistake {
	m := wrong(-1, format, args...)
	m.Parameter = path
	return m
}
