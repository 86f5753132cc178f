package query

import "github.com/sluice-dev/sluice/shared/raw"

func (b *bodyReader) readBool(v *value) Clause {
	c, inner := Clause{}, object{}
	lists := func(v *value) {
		var all []object
		for _, one := range v.list() {
			inside := b.clause(one)
			inside.role = v.name
			c.Inside, all = append(c.Inside, inside), append(all, inside.dsl)
		}
		if len(all) > 0 {
			inner[v.name] = all
		}
	}
	b.members(v, keys{
		"must": lists, "filter": lists, "should": lists, "must_not": lists,
		"minimum_should_match": b.minimumOf(inner), "boost": b.boost(inner),
	}, refusedEverywhere)
	c.dsl = boolean(inner)
	return c
}

func (b *bodyReader) readConstant(v *value) Clause {
	c, inner := Clause{}, object{}
	b.members(v, keys{
		"filter": func(v *value) {
			inside := b.clause(v)
			inside.role = "filter"
			c.Inside, inner["filter"] = []Clause{inside}, inside.dsl
		},
		"boost": b.boost(inner),
	}, refusedEverywhere)
	b.needs(v, "filter")
	c.dsl = object{"constant_score": inner}
	return c
}

func (b *bodyReader) readDisMax(v *value) Clause {
	c, inner := Clause{}, object{}
	b.members(v, keys{
		"queries": func(v *value) {
			var all []object
			for _, one := range v.list() {
				inside := b.clause(one)
				c.Inside, all = append(c.Inside, inside), append(all, inside.dsl)
			}
			inner["queries"] = all
		},
		"tie_breaker": b.boost(inner), "boost": b.boost(inner),
	}, refusedEverywhere)
	if queries := v.member("queries"); queries == nil || len(queries.list()) == 0 {
		b.wrong(v, "queries is missing, or empty")
	}
	c.dsl = object{"dis_max": inner}
	return c
}

func (b *bodyReader) readNested(v *value) Clause {
	c := Clause{}
	inner := object{"ignore_unmapped": true}
	outer := b.nested
	defer func() { b.nested = outer }()
	if path := v.member("path"); path == nil {
		b.wrong(v, "path is missing: the name of a nested field")
		return c
	} else if name, ok := b.nestedPath(path); ok {
		b.nested, inner["path"] = name, name
	} else {
		return c
	}
	b.members(v, keys{
		"path": func(*value) {}, "ignore_unmapped": b.flagOf(object{}),
		"query": func(v *value) {
			inside := b.clause(v)
			c.Inside, inner["query"] = []Clause{inside}, inside.dsl
		},
		"score_mode": b.wordOf(inner, "avg", "max", "min", "sum", "none"), "boost": b.boost(inner),
	}, refusedEverywhere)
	b.needs(v, "query")
	c.dsl = object{"nested": inner}
	return c
}

// nestedPath is the name of a nested field inside the one we are in.
func (b *bodyReader) nestedPath(v *value) (string, bool) {
	name, ok := b.text(v, 512)
	if !ok {
		return "", false
	}
	f, ok := b.schema.Fields[name]
	switch {
	case !ok || b.schema.hides(name):
		b.wrong(v, "%s", b.schema.unknown(short(name, 80)))
	case f.Type != "nested":
		b.wrong(v, "%s (%s) is not of type nested: leave out the nested around this", name, f.Type)
	case b.nested != "" && f.Nested != b.nested:
		b.wrong(v, "%s does not lie in the nested field %s", name, b.nested)
	default:
		return name, true
	}
	return "", false
}

// needs notes that a member is missing.
func (b *bodyReader) needs(v *value, names ...string) {
	for _, name := range names {
		if m := v.member(name); v.kind == raw.Object && m == nil {
			b.wrong(v, "%s is missing", name)
		}
	}
}
