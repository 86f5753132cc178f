package docs

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sluice-dev/sluice/shared/collection"
)

func TestTheCollectionOfTheRowsPageIsRight(t *testing.T) {
	text, err := os.ReadFile("rows.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "```yaml\n")
	block, _, _ = strings.Cut(block, "```")
	set, err := collection.Load(fstest.MapFS{"orders.yaml": {Data: []byte(block)}})
	if err != nil {
		t.Fatal(err)
	}
	if c := set.All()[0]; c.Rows == nil || c.Rows.Table != "public.orders" {
		t.Errorf("%+v", c.Rows)
	}
}
