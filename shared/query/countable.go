package query

import (
	"slices"
	"strings"
)

// countable is the field whose values can be counted by name, and its type.
func (r *reader) countable(name string) (field, kind string) {
	field, kind, m := r.schema.countable(name)
	if m != nil {
		r.note(m)
	}
	return field, kind
}

// countable is name, or the keyword in which a text's values are kept whole.
func (s Schema) countable(name string) (field, kind string, m *Mistake) {
	f, ok := s.field(name)
	switch {
	case !ok:
		return "", "", wrong(-1, "%s", s.unknown(name))
	case f.Sortable():
		return name, f.Type, nil
	case f.Type == "text":
		if sub := s.keyword(name); sub != "" {
			return sub, s.Fields[sub].Type, nil
		}
		return "", "", wrong(-1, "%s (text) is kept as words, not as values: give it a keyword sub-field to have them counted", name)
	}
	return "", "", wrong(-1, "the values of %s (%s) cannot be counted: those of keywords, numbers, dates, addresses and booleans can", name, f.Type)
}

// keyword is the first sub-field of a text that is a keyword.
func (s Schema) keyword(text string) string {
	var subs []string
	for name, f := range s.Fields {
		if parent, ok := strings.CutPrefix(name, text+"."); ok && !strings.Contains(parent, ".") && f.Type == "keyword" && f.Sortable() {
			subs = append(subs, name)
		}
	}
	if len(subs) == 0 {
		return ""
	}
	return slices.Min(subs)
}
