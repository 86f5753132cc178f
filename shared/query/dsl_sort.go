package query

import (
	"slices"

	"github.com/sluice-dev/sluice/shared/raw"
)

// readSorts reads the order of the documents in each of the forms that OpenSearch knows:
// "a", ["a", {"b":"desc"}, {"c":{"order":"asc","missing":"_first"}}], {"a":"asc","b":"desc"}.
func (b *bodyReader) readSorts(v *value) {
	if list := b.sorts(v); len(list) > 0 {
		b.sort = list
	}
}

func (b *bodyReader) sorts(v *value) (list []order) {
	for _, one := range v.list() {
		switch one.kind {
		case raw.String:
			list = append(list, b.sortKey(one, one.text))
		case raw.Object:
			for _, m := range one.members {
				list = append(list, b.sortKey(m, m.name))
			}
		default:
			b.wrong(one, "is %s: write a field's name, or {\"field\":\"desc\"}", one.describe())
		}
		if len(list) > maxSorts {
			b.wrong(v, "more than %d keys", maxSorts)
			return nil
		}
	}
	return list
}

func (b *bodyReader) sortKey(v *value, name string) order {
	o := order{field: name, desc: name == "_score", more: object{}}
	if reason, ok := refusedSorts[name]; ok {
		b.wrong(v, "not supported: %s", reason)
		return o
	}
	outer := b.nested
	defer func() { b.nested = outer }()
	how := func(v *value) {
		if direction, ok := b.word(v, "asc", "desc"); ok {
			o.desc = direction == "desc"
		}
	}
	var f Field
	if name != "_score" {
		if nested := v.member("nested"); nested != nil {
			b.readNestedSort(nested, &o)
		}
		var ok bool
		if f, ok = b.field(v, name); !ok {
			return o
		}
		if o.kind = f.Type; !f.ordered() {
			b.wrong(v, "%s (%s) cannot be sorted by: numbers, dates, addresses and keywords can", name, f.Type)
		}
	}
	if v.kind == raw.Object {
		b.members(v, b.sortKeys(&o, f, how), refusedInSort)
	} else if v.name == name {
		how(v)
	}
	return o
}

func (b *bodyReader) sortKeys(o *order, f Field, how func(*value)) keys {
	if o.field == "_score" {
		return keys{"order": how}
	}
	modes := []string{"min", "max"}
	if isNumber(f) {
		modes = append(modes, "avg", "sum", "median")
	}
	return keys{
		"order": how, "mode": b.wordOf(o.more, modes...), "nested": func(*value) {},
		"unmapped_type": b.textOf(object{}, 64), // the schema's own type is given
		"missing": func(v *value) {
			if slices.Contains([]string{"_last", "_first"}, v.text) {
				o.more["missing"] = v.text
			} else if f.Type == "date" {
				if m, ok := b.moment(v, dateStyle{}); ok {
					o.more["missing"] = m.start.UnixMilli()
				}
			} else if value, ok := b.literal(v, o.field, f); ok {
				o.more["missing"] = value
			}
		},
	}
}

// readNestedSort reads which of a nested field's objects decide.
func (b *bodyReader) readNestedSort(v *value, o *order) {
	inner := object{}
	if path := v.member("path"); path != nil {
		if name, ok := b.nestedPath(path); ok {
			b.nested, inner["path"] = name, name
		}
	}
	b.members(v, keys{
		"path":         func(*value) {},
		"filter":       func(v *value) { inner["filter"] = b.clauseBeside(v) },
		"max_children": b.integerOf(inner, 1, maxTerms),
	}, nil)
	b.needs(v, "path")
	o.more["nested"] = inner
}
