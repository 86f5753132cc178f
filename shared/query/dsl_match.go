package query

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

const (
	maxExpansions = 50 // of the last word of match_phrase_prefix
	maxSlop       = 100
)

// readMatch reads match, match_phrase, match_phrase_prefix and match_bool_prefix.
func (b *bodyReader) readMatch(v *value) Clause {
	inner := object{}
	rest := keys{"boost": b.boost(inner), "zero_terms_query": b.wordOf(inner, "none", "all")}
	switch v.name {
	case "match", "match_bool_prefix":
		rest["operator"] = b.wordOf(inner, "and", "or", "AND", "OR")
		rest["minimum_should_match"] = b.minimumOf(inner)
	case "match_phrase_prefix":
		inner["max_expansions"] = maxExpansions
		rest["max_expansions"] = b.integerOf(inner, 1, maxExpansions)
		fallthrough
	case "match_phrase":
		rest["slop"] = b.integerOf(inner, 0, maxSlop)
	}
	name, given := b.fieldAndRest(v, "query", rest)
	if name == nil {
		return Clause{}
	}
	f, ok := b.searchable(name, name.name)
	if !ok {
		return Clause{}
	}
	c := Clause{Fields: []string{name.name}, Values: 1}
	prefix := strings.HasSuffix(v.name, "_prefix")
	switch {
	case f.Type == "text" && (!prefix || b.wildcardsAllowed(v)):
		inner["query"], c.Values = b.words(given, 1)
		c.dsl = object{v.name: object{name.name: inner}}
	case f.Type == "text":
	case prefix:
		b.wrong(name, "%s (%s) is no text: use prefix", name.name, f.Type)
	default: // a match of a field that is not text is a term
		more := object{}
		if boost, ok := inner["boost"]; ok {
			more["boost"] = boost
		}
		c.dsl = b.equal(given, name.name, f, more)
	}
	return c
}

// words is a text to look for in so many fields, and how many words it has.
func (b *bodyReader) words(v *value, fields int) (string, int) {
	switch {
	case !v.scalar():
		b.wrong(v, "is %s: write a text", v.describe())
		return "", 0
	case len([]rune(v.text)) > maxText:
		b.wrong(v, "is longer than %d characters", maxText)
		return "", 0
	}
	words := len(strings.FieldsFunc(v.text, func(r rune) bool { return special(r) || strings.ContainsRune(",.;_'", r) }))
	if b.looked += max(words, 1) * fields; b.looked > maxWords {
		b.wrong(v, "words times fields are more than %d: look for fewer words, or in fewer fields", maxWords)
	}
	return v.text, words
}

var multiTypes = []string{"best_fields", "most_fields", "cross_fields", "phrase", "phrase_prefix", "bool_prefix"}

func (b *bodyReader) readMultiMatch(v *value) Clause {
	inner := object{}
	var text, kind *value
	fields := []string{}
	b.members(v, keys{
		"query": func(v *value) { text = v },
		"fields": func(v *value) {
			for _, one := range v.list() {
				fields = append(fields, b.weighted(one)...)
			}
		},
		"type": func(v *value) {
			kind = v
			b.wordOf(inner, multiTypes...)(v)
		},
		"operator":             b.wordOf(inner, "and", "or", "AND", "OR"),
		"minimum_should_match": b.minimumOf(inner), "tie_breaker": b.boost(inner), "boost": b.boost(inner),
		"slop": b.integerOf(inner, 0, maxSlop), "zero_terms_query": b.wordOf(inner, "none", "all"),
		"max_expansions": b.integerOf(inner, 1, maxExpansions),
	}, refusedEverywhere)
	b.needs(v, "query")
	if v.member("fields") == nil {
		fields = slices.DeleteFunc(slices.Clone(b.schema.Default), func(name string) bool { return b.schema.Fields[name].Nested != b.nested })
	}
	if kind != nil && strings.HasSuffix(kind.text, "_prefix") && b.wildcardsAllowed(kind) && kind.text == "phrase_prefix" && inner["max_expansions"] == nil {
		inner["max_expansions"] = maxExpansions
	}
	if text == nil || !b.lookedInto(v, text, fields) {
		return Clause{}
	}
	c := Clause{Fields: unweighted(fields)}
	inner["query"], c.Values = b.words(text, max(len(fields), 1))
	inner["fields"] = fields
	c.dsl = object{"multi_match": inner}
	return c
}

// lookedInto says whether a text may be looked for in fields: so many, which can hold it.
func (b *bodyReader) lookedInto(v, text *value, fields []string) bool {
	if len(fields) == 0 && v.member("fields") == nil {
		b.wrong(v, "fields is missing: the collection names no fields that a text is looked for in (search.default)")
	}
	if len(fields) > maxFields {
		b.wrong(v, "looks into %d fields, the most are %d", len(fields), maxFields)
		return false
	}
	for _, name := range unweighted(fields) {
		if f, _ := b.schema.field(name); f.Type != "text" && !isString(f.Type) {
			b.literal(text, name, f)
		}
	}
	return true
}

func unweighted(fields []string) []string {
	names := make([]string, len(fields))
	for i, name := range fields {
		names[i], _, _ = strings.Cut(name, "^")
	}
	return names
}

// weighted reads a field's name with a weight, field^2, or with an asterisk for part of it:
// then it is the text fields of such names.
func (b *bodyReader) weighted(v *value) []string {
	text, ok := b.text(v, 512)
	if !ok {
		return nil
	}
	name, weight, weighed := strings.Cut(text, "^")
	if weighed {
		if _, err := strconv.ParseFloat(weight, 64); err != nil || !decimal.MatchString(weight) || weight[0] == '-' || len(weight) > 16 {
			b.wrong(v, "%q is no weight: write field^2", short(weight, 20))
			return nil
		}
		weight = "^" + weight
	}
	names := []string{name}
	if strings.Contains(name, "*") {
		if names = b.matching(name, "text", "keyword"); len(names) == 0 {
			b.wrong(v, "no text field or keyword has such a name")
		}
	} else if f, ok := b.searchable(v, name); !ok {
		return nil
	} else if f.Type == "date" || f.Type == "object" || f.Type == "nested" {
		b.wrong(v, "%s (%s) holds no words", name, f.Type)
		return nil
	}
	for i := range names {
		names[i] += weight
	}
	return names
}

// matching are the fields of these types whose names fit a pattern with asterisks.
func (b *bodyReader) matching(pattern string, types ...string) (names []string) {
	if strings.Count(pattern, "*") > maxMarks {
		return nil
	}
	for name, f := range b.schema.Fields {
		ok, _ := path.Match(strings.NewReplacer(`\`, `\\`, "[", `\[`, "?", `\?`).Replace(pattern), name)
		if _, shown := b.schema.field(name); ok && shown && f.Nested == b.nested && !f.Unsearchable && slices.Contains(types, f.Type) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
