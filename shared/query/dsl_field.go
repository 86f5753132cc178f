package query

// field finds what v names among the schema's fields.
func (b *bodyReader) field(v *value, name string) (Field, bool) {
	f, ok := b.schema.field(name)
	switch {
	case !ok && name == "_id":
		b.wrong(v, `documents are found by id with {"ids":{"values":["..."]}}`)
	case !ok:
		b.wrong(v, "%s", b.schema.unknown(short(name, 80)))
	case f.Nested != b.nested && b.nested == "":
		b.wrong(v, `%s lies in the nested field %s: put this into a nested query or aggregation with "path":%[2]q`, name, f.Nested)
	case f.Nested != b.nested:
		b.wrong(v, "%s does not lie in the nested field %s", name, b.nested)
	default:
		return f, true
	}
	return f, false
}

// fieldOf is field for a value that holds the name.
func (b *bodyReader) fieldOf(v *value) (string, Field, bool) {
	name, ok := b.text(v, 512)
	if !ok {
		return "", Field{}, false
	}
	f, ok := b.field(v, name)
	return name, f, ok
}

// searchable is field for what has to be indexed.
func (b *bodyReader) searchable(v *value, name string) (Field, bool) {
	f, ok := b.field(v, name)
	if ok && f.Unsearchable {
		b.wrong(v, "%s is not indexed, so it cannot be searched", name)
		return f, false
	}
	return f, ok
}

// literal is a value as its field is compared with.
func (b *bodyReader) literal(v *value, name string, f Field) (any, bool) {
	switch {
	case !v.scalar():
		b.wrong(v, "is %s: write one value", v.describe())
		return nil, false
	case len([]rune(v.text)) > maxText:
		b.wrong(v, "is longer than %d characters", maxText)
		return nil, false
	}
	out, m := literal(name, f.Type, v.text)
	if m != nil {
		b.wrong(v, "%s", m.Text)
	}
	return out, m == nil
}
