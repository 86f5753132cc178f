package collection

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// identity is the document's id: its fields' values, else the record's own id or
// position with the document's part.
func (d *Documents) identity(f *finder, record Record, part int) (string, error) {
	if len(d.ids) > 0 {
		return d.fromFields(f)
	}
	base := record.ID
	if base == "" {
		base = record.Position
	}
	if part == Sole {
		return base, nil
	}
	return base + "#" + strconv.Itoa(part), nil
}

func (d *Documents) fromFields(f *finder) (string, error) {
	if len(d.ids) == 1 {
		value, err := d.idValue(f, 0)
		return string(value), err
	}
	var id []byte
	separator := d.collection.ID.Separator
	for i := range d.ids {
		value, err := d.idValue(f, i)
		if err != nil {
			return "", err
		}
		if len(value) == 0 {
			return "", &Flaw{"id_empty", "id empty: field " + strconv.Quote(d.collection.ID.Fields[i])}
		}
		if i > 0 {
			id = append(id, separator...)
		}
		id = escape(id, value, separator)
	}
	return string(id), nil
}

func (d *Documents) idValue(f *finder, i int) ([]byte, error) {
	if value, ok := f.scalar(d.ids[i]); ok {
		return value, nil
	}
	return nil, &Flaw{"id_missing", "id field " + strconv.Quote(d.collection.ID.Fields[i]) + " is missing, or not a string, number or boolean"}
}

// escape puts a backslash before each character that the separator is made of, so that
// ("a|b", "c") and ("a", "b|c") stay two ids.
func escape(dst, value []byte, separator string) []byte {
	for _, c := range string(value) {
		if c == '\\' || strings.ContainsRune(separator, c) {
			dst = append(dst, '\\')
		}
		dst = utf8.AppendRune(dst, c)
	}
	return dst
}
