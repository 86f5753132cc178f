package collection

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(root + "collections/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// accept is what an editor says of a file.
func accept(t *testing.T, s *jsonschema.Schema, raw []byte) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(raw, &v); err != nil {
		return err
	}
	asJSON, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	v, err = jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestEditorsAcceptTheShippedCollections(t *testing.T) {
	s := compiled(t)
	for _, name := range []string{"logs.yaml", "orders.yaml"} {
		raw, err := os.ReadFile(root + "collections/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := accept(t, s, raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.HasPrefix(string(raw), "# yaml-language-server: $schema=schema.json\n") {
			t.Errorf("%s does not tell editors its schema", name)
		}
	}
}

// What a schema cannot see: other files, and which fields there are.
var unseen = []string{
	"name-is-not-the-files", "name-is-another-ones-index", "two-collections-claim-one-source",
	"index-block", "lines", "search", "tenant", "time", "two-documents", "yml-is-not-read", "no-collections",
	"mapping-rules", "mapping-examples", "id-version-and-op", "rows", "alias-and-merge", "nothing-is-wrong",
}

func TestEditorsRefuseWhatLoadingRefuses(t *testing.T) {
	s := compiled(t)
	scripts, err := os.ReadDir("testdata/mistakes")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		if slices.Contains(unseen, strings.TrimSuffix(script.Name(), ".txt")) {
			continue
		}
		raw, err := os.ReadFile("testdata/mistakes/" + script.Name())
		if err != nil {
			t.Fatal(err)
		}
		text, _, _ := strings.Cut(string(raw), wanted)
		for name, file := range folder(text) {
			if accept(t, s, file.Data) == nil {
				t.Errorf("%s: the schema accepts %s", script.Name(), name)
			}
		}
	}
}
