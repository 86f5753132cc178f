//go:build expr

package mapping

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/expr-lang/expr"
)

// unstable functions give another value when a record is delivered again: the time, and
// the order of a map.
var unstable = []string{"now", "keys", "values", "toPairs"}

// compileExpression compiles text, with doc as its one name.
func compileExpression(text string) (expression, error) {
	options := []expr.Option{expr.Env(map[string]any{"doc": map[string]any{}})}
	for _, name := range unstable {
		options = append(options, expr.DisableBuiltin(name))
	}
	program, err := expr.Compile(text, options...)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("%s", first)
	}
	return func(doc any) (any, error) {
		result, err := expr.Run(program, map[string]any{"doc": doc})
		if f, ok := result.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
			return nil, errors.New("no number")
		}
		return result, err
	}, nil
}
