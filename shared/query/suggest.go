package query

import (
	"fmt"
	"slices"
	"strings"
)

// unknown says that a name is none, and which one was probably meant: as text, and as the
// Meant of a mistake that it is put into.
type unknown struct{ text, near string }

func (u unknown) String() string { return u.text }

// unknown says that name is no field.
func (s Schema) unknown(name string) unknown {
	text := fmt.Sprintf("there is no field %q", name)
	names := make([]string, 0, len(s.Fields))
	for n := range s.Fields {
		names = append(names, n)
	}
	if near := Nearest(name, names); near != "" {
		return unknown{text + fmt.Sprintf("; did you mean %s?", near), near}
	}
	return unknown{text: text + fmt.Sprintf("; GET /v1/collections lists the fields of %s", s.Collection)}
}

// unknownInText is unknown for a name before a colon in q, which may be meant as text.
func (s Schema) unknownInText(name string) unknown {
	if len(name) == 2 && strings.Trim(name, "0123456789") == "" {
		return unknown{text: fmt.Sprintf("there is no field %q; put a time in double quotes, and in a URL write + as %%2B", name)}
	}
	u := s.unknown(name)
	if u.near == "" {
		u.text += "; put the text in double quotes if no field is meant"
	}
	return u
}

// Nearest is the name that was probably meant, empty if none is near.
func Nearest(name string, names []string) string {
	if len(name) > 128 {
		return ""
	}
	name = strings.ToLower(name)
	slices.Sort(names)
	best, least := "", 3
	for _, n := range names {
		lower := strings.ToLower(n)
		d := least
		if abs(len(name)-len(lower)) < least {
			d = distance(name, lower)
		}
		if len(name) > 2 && (strings.HasPrefix(lower, name+".") || strings.HasSuffix(lower, "."+name) || strings.HasSuffix(lower, "@"+name)) {
			d = 1
		}
		if d < least && d < max(len(name), 1) {
			best, least = n, d
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// distance counts the edits from a to b; a swap of neighbours is one.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
