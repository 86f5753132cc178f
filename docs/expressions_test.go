//go:build expr

package docs

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sluice-dev/sluice/shared/collection"
)

func TestRulesOfTheExpressionsPageDoWhatTheirExamplesSay(t *testing.T) {
	page, err := os.ReadFile("expressions.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "```yaml\n")
	block, _, _ = strings.Cut(block, "```")
	set, err := collection.Load(fstest.MapFS{"orders.yaml": {Data: []byte(around + block)}})
	if err != nil {
		t.Fatal(err)
	}
	if rules := set.All()[0].Mapping[0]; len(rules.Expr) < 4 || len(rules.Examples) < 2 {
		t.Errorf("%d expressions, %d examples", len(rules.Expr), len(rules.Examples))
	}
}
