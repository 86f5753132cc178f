// Package field knows which names in a document are the same field, however they are
// written: nested or with dots, with dots too many, which OpenSearch passes over in some
// places, or with capitals and space that nobody sees. It cuts hidden fields out of answers
// and finds names that are not to be stored. It refuses nothing itself and copies values
// byte for byte. Called by query, collection and functions/search.
package field

import (
	"strings"
	"unicode"
)

// Bare is a path without its dots too many: "user..email." is user.email.
func Bare(path string) string {
	if !strings.Contains("."+path+".", "..") {
		return path
	}
	return strings.Join(strings.FieldsFunc(path, func(r rune) bool { return r == '.' }), ".")
}

// Plain is a path as people would read it: bare, in small letters, without space or
// characters that are not seen around its parts.
func Plain(path string) string {
	parts := strings.Split(path, ".")
	kept := parts[:0]
	for _, part := range parts {
		if part = strings.TrimFunc(part, unseen); part != "" {
			kept = append(kept, small(part))
		}
	}
	return strings.Join(kept, ".")
}

func unseen(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }

// small changes ASCII alone, so that texts keep their length.
func small(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// Within says that path is one of names, or inside one.
func Within(names []string, path string) bool {
	for _, name := range names {
		if path == name || Inside(name, path) {
			return true
		}
	}
	return false
}

// Inside says that path is inside name: user.email is inside user.
func Inside(name, path string) bool {
	return len(path) > len(name) && path[len(name)] == '.' && path[:len(name)] == name
}
