//go:build !expr

package mapping

import "errors"

// compileExpression refuses: the library of expressions is a third of a function's size,
// so only those carry it whose collections have some.
func compileExpression(string) (expression, error) {
	return nil, errors.New("this was built without expressions: build by make or sam build, which see that a collection has some, or with the tag expr")
}
