package docs

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/mapping"
)

// around is the rest of a collection's file.
const around = `name: orders
index: {policy: single}
fields:
  id: {type: keyword}
`

func TestRulesOfTheMappingPageDoWhatTheirExamplesSay(t *testing.T) {
	page, err := os.ReadFile("mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := reflect.New(reflect.TypeFor[mapping.Rules]()).Elem()
	parts := strings.Split(string(page), "```yaml\n")
	for _, part := range parts[1:] {
		block, _, _ := strings.Cut(part, "```")
		set, err := collection.Load(fstest.MapFS{"orders.yaml": {Data: []byte(around + block)}})
		if err != nil {
			t.Errorf("%s\n%v", block, err)
			continue
		}
		for _, rules := range set.All()[0].Mapping {
			for i, v := range reflect.ValueOf(rules).Fields() {
				if !v.IsZero() {
					shown.FieldByIndex(i.Index).Set(v)
				}
			}
		}
	}
	for key, v := range shown.Fields() {
		if v.IsZero() && key.Name != "Expr" { // has a page of its own
			t.Errorf("no example has %s", key.Tag.Get("yaml"))
		}
	}
}
