package query

import (
	"strings"
	"unicode"
)

// scanner reads words, quoted values and marks from a text, by rune.
type scanner struct {
	text []rune
	at   int
}

// word is a run of text as written, with escapes resolved.
type word struct {
	runes   []rune
	escaped []bool // by rune: a backslash made it plain text
	at      int
}

func (w word) String() string { return string(w.runes) }

// mark says whether the rune at i stands there unescaped.
func (w word) mark(i int, marks string) bool {
	return i >= 0 && i < len(w.runes) && !w.escaped[i] && strings.ContainsRune(marks, w.runes[i])
}

func special(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("()[]{}\":\\/*?~^<>=!+-&|", r)
}

func (s *scanner) done() bool { return s.at >= len(s.text) }

// peek is the rune n places on, 0 behind the end.
func (s *scanner) peek(n int) rune {
	if s.at+n >= len(s.text) {
		return 0
	}
	return s.text[s.at+n]
}

func (s *scanner) space() {
	for !s.done() && unicode.IsSpace(s.text[s.at]) {
		s.at++
	}
}

// take consumes text if it comes next.
func (s *scanner) take(text string) bool {
	for i, r := range []rune(text) {
		if s.peek(i) != r {
			return false
		}
	}
	s.at += len([]rune(text))
	return true
}

// operator consumes name if it comes next and ends there.
func (s *scanner) operator(names ...string) bool {
	start := s.at
	for _, name := range names {
		if s.take(name) {
			if r := s.peek(0); r == 0 || r == '(' || r == ')' || r == '"' || unicode.IsSpace(r) {
				return true
			}
			s.at = start
		}
	}
	return false
}

// until reads a word up to space, a closing mark, or one of stops.
func (s *scanner) until(stops string) (word, *Mistake) {
	w := word{at: s.at}
	for ; !s.done(); s.at++ {
		r, plain := s.text[s.at], false
		switch {
		case r == '\\':
			if err := s.escape(); err != nil {
				return w, err
			}
			r, plain = s.text[s.at], true
		case unicode.IsSpace(r) || strings.ContainsRune(stops, r):
			return w, nil
		case strings.ContainsRune(`"([{`, r) || strings.ContainsRune("]}", r):
			return w, wrong(s.at, "%q inside a word: escape it as \\%c, or put the whole value in double quotes", r, r)
		}
		w.runes, w.escaped = append(w.runes, r), append(w.escaped, plain)
	}
	return w, nil
}

// escape steps onto the rune that a backslash makes plain.
func (s *scanner) escape() *Mistake {
	s.at++
	if s.done() {
		return wrong(s.at-1, `a backslash at the end escapes nothing: write \\ for a backslash`)
	}
	if r := s.text[s.at]; unicode.IsLetter(r) || unicode.IsDigit(r) {
		return wrong(s.at-1, `\%c means nothing: write \\ for a backslash`, r)
	}
	return nil
}

// quoted reads a value in double quotes, of which the first comes next.
func (s *scanner) quoted() (string, *Mistake) {
	start := s.at
	var text []rune
	var bad *Mistake
	for s.at++; !s.done(); s.at++ {
		switch r := s.text[s.at]; r {
		case '"':
			s.at++
			return string(text), bad
		case '\\':
			if err := s.escape(); err != nil && bad == nil {
				bad = err
			}
			if !s.done() {
				text = append(text, s.text[s.at])
			}
		default:
			text = append(text, r)
		}
	}
	return "", wrong(start, `unterminated: no closing " for this one (inside quotes \" is a quote and \\ a backslash)`)
}
