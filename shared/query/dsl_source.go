package query

import (
	"strings"

	"github.com/sluice-dev/sluice/shared/raw"
)

// readSource reads what of each document is returned: true, false, a name, names, or
// {"includes": [...], "excludes": [...]}. What is hidden is left out in any case.
func (b *bodyReader) readSource(v *value) { b.readSourceFor(&b.Request, v) }

func (b *bodyReader) readSourceFor(to *Request, v *value) {
	switch v.kind {
	case raw.Object:
		includes := func(v *value) { to.fields = append(to.fields, b.sourceNames(v)...) }
		excludes := func(v *value) { to.without = append(to.without, b.sourceNames(v)...) }
		b.members(v, keys{"includes": includes, "include": includes, "excludes": excludes, "exclude": excludes}, nil)
	case raw.String, raw.Array:
		to.fields = append(to.fields, b.sourceNames(v)...)
	default:
		if all, ok := b.flag(v); ok && !all {
			to.sourceless = true
		}
	}
}

// readFieldList reads fields, which is _source by another name: parts of the document,
// not OpenSearch's lists of values.
func (b *bodyReader) readFieldList(v *value) {
	for _, one := range v.list() {
		if one.kind == raw.Object {
			b.wrong(one, "formats are not supported: name the fields, [\"a\",\"b.c\"]; documents come as they were stored")
			return
		}
	}
	b.fields = append(b.fields, b.sourceNames(v)...)
}

func (b *bodyReader) sourceNames(v *value) (names []string) {
	if len(v.list()) > maxFields {
		b.wrong(v, "more than %d names", maxFields)
		return nil
	}
	for _, one := range v.list() {
		name, ok := b.text(one, 256)
		switch {
		case !ok:
		case name == "" || name != strings.TrimSpace(name) || strings.ContainsAny(name, "\"\\,"):
			b.wrong(one, "%q is no field's name, and no name with an asterisk", name)
		case strings.Count(name, "*") > maxMarks:
			b.wrong(one, "holds more than %d asterisks", maxMarks)
		case b.schema.hides(name):
			b.wrong(one, "%s", b.schema.unknown(name))
		default:
			names = append(names, name)
		}
	}
	return names
}
