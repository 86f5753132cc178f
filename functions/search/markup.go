package main

import (
	"fmt"
	"html"
	"strings"
)

// markup is HTML that is safe to show.
type markup string

// tag fills text into trusted markup: every argument that is not markup itself is
// escaped, for elements and for quoted attributes alike. There is no script and no style
// on the page that it would have to be escaped for otherwise. (html/template would keep
// every method of every type in the binary, and make it two thirds larger.)
func tag(trusted string, args ...any) markup {
	for i, a := range args {
		if _, safe := a.(markup); !safe {
			args[i] = html.EscapeString(fmt.Sprint(a))
		}
	}
	return markup(fmt.Sprintf(trusted, args...))
}

// each is what part makes of every element, one behind the other.
func each[T any](list []T, part func(T) markup) markup {
	var out strings.Builder
	for _, one := range list {
		out.WriteString(string(part(one)))
	}
	return markup(out.String())
}

// when is m if it is to be shown.
func when(shown bool, m func() markup) markup {
	if !shown {
		return ""
	}
	return m()
}
