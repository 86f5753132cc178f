package query

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// fields are those whose name begins with what was typed, then those that hold it.
func (s *Suggest) fields(typed string) {
	rank := map[string]int{}
	typed = strings.ToLower(typed)
	for name, f := range s.schema.Fields {
		lower := strings.ToLower(name)
		switch {
		case f.Unsearchable || s.schema.hidesInside(name):
		case strings.HasPrefix(lower, typed):
			rank[name] = 1
		case strings.Contains(lower, "."+typed) || strings.HasPrefix(lower, "@"+typed):
			rank[name] = 2
		case strings.Contains(lower, typed):
			rank[name] = 3
		}
	}
	names := slices.SortedFunc(maps.Keys(rank), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank[a], rank[b]), strings.Compare(a, b))
	})
	for _, name := range names {
		text := escape(name) + ":"
		if s.Spot.To < len(s.text) && s.text[s.Spot.To] == ':' {
			text = escape(name)
		}
		s.ranks = append(s.ranks, Suggestion{Text: text, Kind: "field", Doc: s.schema.Fields[name].Type, Field: name})
	}
}

func (s *Suggest) operators(here spot) {
	for _, o := range []struct{ name, doc string }{
		{"AND", "both"}, {"OR", "either or both"}, {"NOT", "everything except"},
	} {
		if strings.HasPrefix(o.name, strings.ToUpper(here.typed)) && (here.clause || o.name == "NOT") {
			s.ranks = append(s.ranks, Suggestion{Text: o.name + " ", Kind: "operator", Doc: o.doc})
		}
	}
}

// fits says whether the q with the suggestion in it can be read once its parentheses are
// closed, and once there is a word where a field or an operator waits for one. A value is
// then that value, not a part of what stands beside it.
func (s Suggest) fits(one Suggestion) bool {
	head, rest := string(s.text[:s.Spot.From])+one.Text, string(s.text[s.Spot.To:])
	node := readable(head + rest)
	if one.Kind == "value" {
		return node != nil && holds(node, one.value)
	}
	return node != nil || readable(head+"x"+rest) != nil
}

// readable is the tree of a text whose parentheses may still be open; nil: it has none.
func readable(text string) Node {
	runes := []rune(text)
	node, m := parse(text + strings.Repeat(")", spotIn(runes, len(runes)).open))
	if m != nil {
		return nil
	}
	return node
}

func holds(n Node, value string) bool {
	inside := func(one Node) bool { return holds(one, value) }
	switch n := n.(type) {
	case And:
		return slices.ContainsFunc(n, inside)
	case Or:
		return slices.ContainsFunc(n, inside)
	case Not:
		return inside(n.Node)
	case Term:
		return n.Text == value && n.Wild == ""
	}
	return false
}

// asWord is a value as q takes it: in quotes if anything in it could be taken for more.
func asWord(text string) string {
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '.' {
			return quote(text)
		}
	}
	switch text {
	case "", "AND", "OR", "NOT", "TO":
		return quote(text)
	}
	return text
}

// plain is a JSON string's text, and any other value as it is written.
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return string(raw)
	}
	return text
}
