package query

import "strings"

// analyzedOffset is how much of a long text is searched for fragments; without it,
// OpenSearch fails the whole shard over a text that is longer.
const analyzedOffset = 1_000_000

// readHighlight reads what of each document is to be shown with its matches marked. Text
// is escaped for HTML unless asked for as it is.
func (b *bodyReader) readHighlight(v *value) {
	inner := object{"encoder": "html", "max_analyzer_offset": analyzedOffset}
	fields := []object{}
	known := b.highlightKeys(inner)
	known["fields"] = func(v *value) {
		for _, one := range v.list() {
			b.eachMember(one, func(m *value) { fields = append(fields, b.highlighted(m)...) })
		}
	}
	known["encoder"] = b.wordOf(inner, "html", "default")
	known["tags_schema"] = b.wordOf(inner, "styled")
	b.members(v, known, refusedInHighlight)
	b.needs(v, "fields")
	if len(fields) > maxHighlights {
		b.wrong(v, "has %d fields, the most are %d", len(fields), maxHighlights)
	}
	inner["fields"] = fields
	b.highlight = inner
}

// highlighted is a field and how, or the text fields whose names fit an asterisk.
func (b *bodyReader) highlighted(v *value) (all []object) {
	inner := object{}
	b.members(v, b.highlightKeys(inner), refusedInHighlight)
	names := []string{v.name}
	if strings.Contains(v.name, "*") {
		if names = b.matching(v.name, "text"); len(names) == 0 {
			b.wrong(v, "no text field has such a name")
		}
	} else if f, ok := b.searchable(v, v.name); ok && f.Type != "text" && !isString(f.Type) {
		b.wrong(v, "%s (%s) is no text: there is nothing to mark", v.name, f.Type)
	}
	for _, name := range names {
		all = append(all, object{name: inner})
	}
	return all
}

func (b *bodyReader) highlightKeys(inner object) keys {
	tags := func(v *value) {
		list := []string{}
		for _, one := range v.list() {
			if tag, ok := b.text(one, 100); ok {
				list = append(list, tag)
			}
		}
		if inner[v.name] = list; len(list) == 0 || len(list) > 10 {
			b.wrong(v, "is not 1 to 10 tags")
		}
	}
	return keys{
		"pre_tags": tags, "post_tags": tags,
		"fragment_size": b.integerOf(inner, 0, 10_000), "number_of_fragments": b.integerOf(inner, 0, 20),
		"no_match_size": b.integerOf(inner, 0, 10_000), "type": b.wordOf(inner, "unified", "plain"),
		"order": b.wordOf(inner, "score", "none"), "require_field_match": b.flagOf(inner),
		"fragmenter":       b.wordOf(inner, "simple", "span"),
		"boundary_scanner": b.wordOf(inner, "sentence", "word", "chars"), "boundary_max_scan": b.integerOf(inner, 1, 1000),
		"highlight_query": func(v *value) { inner[v.name] = b.clauseBeside(v) },
	}
}
