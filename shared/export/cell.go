package export

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// walk fills the cells of one document.
type walk struct {
	*CSV
	*jsontext.Decoder
	other []byte
}

func (c *CSV) read(source []byte) error {
	if len(source) == 0 {
		return nil
	}
	w := walk{CSV: c, Decoder: jsontext.NewDecoder(bytes.NewReader(source), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	if err := w.object("", false); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if c.rest && w.other != nil {
		c.set(otherColumn, string(append(w.other, '}')))
	}
	return nil
}

// object reads an object's members, each by its dotted name.
func (w *walk) object(path string, inArray bool) error {
	if _, err := w.ReadToken(); err != nil {
		return err
	}
	for w.PeekKind() == '"' {
		key, err := w.ReadToken()
		if err != nil {
			return err
		}
		name := key.String()
		if path != "" {
			name = path + "." + name
		}
		if err := w.member(name, inArray); err != nil {
			return err
		}
	}
	_, err := w.ReadToken()
	return err
}

func (w *walk) member(name string, inArray bool) error {
	kind := w.PeekKind()
	_, column := w.at[name]
	switch {
	case w.within[name] && kind == '{' && (w.rest || !column):
		return w.object(name, inArray)
	case w.within[name] && kind == '[' && !w.rest && !column:
		return w.array(name)
	}
	raw, err := w.ReadValue()
	if err != nil {
		return err
	}
	w.put(name, raw, inArray)
	return nil
}

// array reads the objects of an array for the columns inside them.
func (w *walk) array(name string) error {
	if _, err := w.ReadToken(); err != nil {
		return err
	}
	for w.PeekKind() != ']' {
		var err error
		if w.PeekKind() == '{' {
			err = w.object(name, true)
		} else {
			err = w.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	_, err := w.ReadToken()
	return err
}

// put writes a value into its column, and what has none, or finds it taken, beside it.
func (w *walk) put(name string, raw jsontext.Value, inArray bool) {
	i, ok := w.at[name]
	own := ok && name != idColumn && name != indexColumn && (!w.rest || name != otherColumn)
	switch {
	case own && inArray:
		text := w.cells[i].text + ","
		if !w.cells[i].array {
			text = "["
		}
		w.cells[i] = cell{text: text + string(raw), set: true, array: true}
	case own && !w.cells[i].set:
		if raw.Kind() != 'n' {
			w.cells[i] = cell{text: plain(raw), set: true}
		}
	case w.rest:
		separator := byte(',')
		if w.other == nil {
			separator = '{'
		}
		w.other = append(quoted(append(w.other, separator), name), ':')
		w.other = append(w.other, raw...)
	}
}

// plain is a string's text, and any other value's JSON.
func plain(raw jsontext.Value) string {
	if raw.Kind() != '"' {
		return string(raw)
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // half of a surrogate pair is replaced
	return string(text)
}
