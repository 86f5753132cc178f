package query

import (
	"strings"
	"unicode"
)

// spot is where a text is being written: what stands there, and what it can become.
type spot struct {
	from, to int    // what a completion replaces, in characters
	typed    string // of it, before the cursor, with escapes resolved
	field    string // whose value is being written; empty: a bare word, or a field's name
	quoted   bool   // behind an opening quote
	bound    bool   // a bound of a range, which nothing completes
	clause   bool   // a clause stands before: AND and OR may come
	open     int    // parentheses that are still to be closed
}

// spotter walks over what stands before the cursor, and forgives what is not finished.
type spotter struct {
	scanner
	clause bool
	bound  bool     // < or > was the last
	name   string   // field: was the last
	groups []string // the field of each open parenthesis
}

func spotIn(text []rune, cursor int) spot {
	s := spotter{scanner: scanner{text: text[:cursor]}}
	for {
		s.space()
		here := spot{from: s.at, field: s.field(), bound: s.bound, clause: s.clause}
		if !s.done() && s.step(&here) {
			continue
		}
		here.open, here.to = len(s.groups), cursor
		if here.typed != "" || here.field != "" || here.quoted {
			here.to = here.end(text, cursor)
		}
		return here
	}
}

func (s *spotter) field() string {
	if s.name != "" || len(s.groups) == 0 {
		return s.name
	}
	return s.groups[len(s.groups)-1]
}

// step passes one token; false: the cursor is at its end, or in it.
func (s *spotter) step(here *spot) bool {
	switch r := s.peek(0); {
	case r == '(':
		s.groups = append(s.groups, here.field)
		s.passed(false)
	case r == ')':
		s.groups = s.groups[:max(len(s.groups)-1, 0)]
		s.passed(true)
	case r == '<' || r == '>':
		s.at++
		s.take("=")
		s.bound = true
	case r == '"' || r == '[' || r == '{':
		here.quoted, here.bound = r == '"', here.bound || r != '"'
		here.typed = s.enclosed(r)
		if s.done() {
			return false
		}
		s.passed(true)
	case r == ']' || r == '}' || r == ':' && here.field == "":
		s.at++
	default:
		return s.word(here)
	}
	return true
}

// passed steps over a token, behind which nothing is begun.
func (s *spotter) passed(clause bool) {
	s.at++
	s.name, s.bound, s.clause = "", false, clause
}

// enclosed is what stands behind an opening mark, up to the one that closes it or the end.
func (s *spotter) enclosed(open rune) string {
	var inside strings.Builder
	stops := map[rune]string{'"': `"`, '[': "]}", '{': "]}"}[open]
	for s.at++; !s.done() && !strings.ContainsRune(stops, s.peek(0)); s.at++ {
		if s.peek(0) == '\\' && s.peek(1) != 0 {
			s.at++
		}
		inside.WriteRune(s.peek(0))
	}
	return inside.String()
}

func (s *spotter) word(here *spot) bool {
	if r := s.peek(0); here.field == "" && (r == '-' || r == '!') {
		s.at++
		here.from, here.clause = s.at, false
	}
	start, stops := s.at, `()[]{}"`
	if here.field == "" {
		stops += ":"
	}
	var text strings.Builder
	for ; !s.done() && !unicode.IsSpace(s.peek(0)) && !strings.ContainsRune(stops, s.peek(0)); s.at++ {
		if s.peek(0) == '\\' && s.peek(1) != 0 {
			s.at++
		}
		text.WriteRune(s.peek(0))
	}
	switch here.typed = text.String(); {
	case s.done():
		return false
	case s.peek(0) == ':' && here.field == "":
		s.at++
		s.name = here.typed
		return true
	}
	s.clause, s.name, s.bound = true, "", false
	switch string(s.text[start:s.at]) {
	case "AND", "OR", "NOT", "&&", "||":
		s.clause = false
	}
	return true
}

// end is where the token ends that the cursor is in or at the end of.
func (s spot) end(text []rune, cursor int) int {
	stops := `()[]{}"`
	if s.field == "" {
		stops += ":"
	}
	for i := cursor; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case s.quoted && text[i] == '"':
			return i + 1
		case !s.quoted && (unicode.IsSpace(text[i]) || strings.ContainsRune(stops, text[i])):
			return i
		}
	}
	return len(text)
}
