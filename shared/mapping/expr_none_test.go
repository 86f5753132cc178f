//go:build !expr

package mapping

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestExpressionInABuildWithoutThemIsAMistakeThatSaysHow(t *testing.T) {
	wrong := Verify(Rules{
		Expr:     map[string]string{"total": "doc.price * doc.count"},
		Examples: []Example{{Input: json.RawMessage(`{}`), Want: json.RawMessage(`{}`)}},
	})
	if len(wrong) != 1 || wrong[0].Path != "expr.total" || !strings.Contains(wrong[0].Text, "tag expr") {
		t.Errorf("%v", wrong)
	}
}
