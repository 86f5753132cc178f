package docs

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// asyncAPI is the document as JSON, and a compiler that knows it as asyncapi.json.
func asyncAPI(t *testing.T) (map[string]any, *jsonschema.Compiler) {
	t.Helper()
	text, err := os.ReadFile("asyncapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("asyncapi.json", document); err != nil {
		t.Fatal(err)
	}
	return document.(map[string]any), c
}

func under(v any, path ...string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func TestEachMessageOfTheAsyncAPIDocumentHasExamplesThatFitItsSchemas(t *testing.T) {
	document, c := asyncAPI(t)
	messages, _ := under(document, "components", "messages").(map[string]any)
	if len(messages) < 10 {
		t.Fatalf("%d messages", len(messages))
	}
	for name, m := range messages {
		examples, _ := under(m, "examples").([]any)
		if len(examples) == 0 {
			t.Errorf("%s has no example", name)
		}
		for _, part := range []string{"payload", "headers"} {
			schema, err := c.Compile("asyncapi.json#/components/messages/" + name + "/" + part)
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range examples {
				value := under(e, part)
				if value == nil && part == "headers" {
					continue
				}
				if err := schema.Validate(value); err != nil {
					t.Errorf("%s, example %d, %s: %v", name, i, part, err)
				}
			}
		}
	}
}

func TestEveryReferenceInTheAsyncAPIDocumentLeadsSomewhere(t *testing.T) {
	document, _ := asyncAPI(t)
	used := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				used[ref] = true
				if under(document, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...) == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(document)
	messages, _ := under(document, "components", "messages").(map[string]any)
	for name := range messages {
		if !used["#/components/messages/"+name] {
			t.Errorf("message %s comes through no channel", name)
		}
	}
}
