package export

import (
	"regexp"
	"strings"
)

// signs begin what a spreadsheet would run: the ASCII ones, the wide ones that some
// languages' spreadsheets take for them, and white space before a formula.
const signs = "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20"

var (
	number = regexp.MustCompile(`^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$`)
	field  = regexp.MustCompile(`^@?[A-Za-z_][\w.]*$`) // a name, @timestamp too: nothing to run
)

// runs says whether a spreadsheet might take text for a formula. A number is none.
func runs(text string) bool {
	return text != "" && strings.ContainsAny(firstRune(text), signs) && !number.MatchString(text)
}

func firstRune(text string) string {
	for i := range text {
		if i > 0 {
			return text[:i]
		}
	}
	return text
}

// neutral is text with an apostrophe before it where a spreadsheet might run it, or
// where it is already so written: take one apostrophe off to have it back.
func neutral(text string) string {
	if runs(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}
