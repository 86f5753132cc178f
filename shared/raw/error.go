package raw

import (
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

var errAfterValue = errors.New("more text after the value")

type wrongKind jsontext.Kind

func (k wrongKind) Error() string {
	if jsontext.Kind(k) == Array {
		return "expected an array"
	}
	return "expected an object"
}

// Duplicate is the dotted path of the name that err found twice in one object.
func Duplicate(err error) (path string, ok bool) {
	syntactic, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok || !errors.Is(syntactic.Err, jsontext.ErrDuplicateName) {
		return "", false
	}
	var names []string
	for name := range syntactic.JSONPointer.Tokens() {
		names = append(names, name)
	}
	return strings.Join(names, "."), true
}

// Explain says in one sentence, without quoting the text, why it is not JSON.
func Explain(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "the text ends too early"
	}
	return strings.TrimPrefix(err.Error(), "jsontext: ")
}
