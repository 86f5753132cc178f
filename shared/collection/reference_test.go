package collection

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
)

const (
	begin = "<!-- generated from the Go structs: go generate ./shared/collection -->\n"
	end   = "<!-- end of the generated part -->\n"
)

// reference is docs/collections.md with its generated part made anew.
func reference(t *testing.T, s *jsonschema.Schema) string {
	t.Helper()
	raw, err := os.ReadFile(root + "docs/collections.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/collections.md has no generated part")
	}
	var b strings.Builder
	blocks := []struct{ title, definition string }{
		{"The file", ""}, {"sources", "Source"}, {"mapping", "Rules"}, {"mapping.split", "Split"},
		{"mapping.redact", "Redact"}, {"mapping.examples", "Example"}, {"id", "ID"}, {"time", "Time"}, {"version", "Version"},
		{"op", "Op"}, {"fields", "Field"}, {"index", "Config"}, {"index.rollover", "Rollover"},
		{"index.settled", "Settled"}, {"search", "Search"}, {"search.tenant", "Tenant"}, {"search.limits", "Limits"},
	}
	for _, block := range blocks {
		def := s
		if block.definition != "" {
			def = s.Definitions[block.definition]
		}
		table(&b, block.title, def)
	}
	return before + begin + b.String() + end + after
}

func table(b *strings.Builder, title string, s *jsonschema.Schema) {
	fmt.Fprintf(b, "\n### %s\n\n", title)
	if title != "The file" && title != "index" {
		fmt.Fprintf(b, "%s\n\n", s.Description)
	}
	b.WriteString("| key | value | meaning |\n|---|---|---|\n")
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		required := ""
		for _, r := range s.Required {
			if r == p.Key {
				required = ", required"
			}
		}
		fmt.Fprintf(b, "| `%s` | %s%s | %s |\n", p.Key, kindOf(p.Value), required, cell(sentence(p.Key, p.Value.Description)))
	}
}

func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

// sentence is a description, in which the key at the beginning is left out or made words.
func sentence(key, text string) string {
	rest, ok := strings.CutPrefix(text, key)
	if !ok {
		return text
	}
	for _, lead := range []string{": ", " is ", " are "} {
		if after, ok := strings.CutPrefix(rest, lead); ok {
			return strings.ToUpper(after[:1]) + after[1:]
		}
	}
	words := strings.ReplaceAll(key, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:] + rest
}

func kindOf(s *jsonschema.Schema) string {
	switch {
	case s.Enum != nil:
		return anyOf(s.Enum)
	case s.Type == "array" && s.Items.Ref != "":
		return "list of blocks"
	case s.Type == "array" && s.Items.Enum != nil:
		return "list of " + anyOf(s.Items.Enum)
	case s.Type == "array":
		return "list" + example(s.Items)
	case s.Type == "object" && s.AdditionalProperties != nil && s.AdditionalProperties.Enum != nil:
		return "block of " + anyOf(s.AdditionalProperties.Enum)
	case s.Ref != "" || s.Type == "object":
		return "block"
	case s.Type == "boolean":
		return "true or false"
	case s.Type == "integer":
		return "whole number" + example(s)
	}
	return "text" + example(s)
}

func example(s *jsonschema.Schema) string {
	if len(s.Examples) == 0 {
		return ""
	}
	return fmt.Sprintf(", e.g. `%v`", s.Examples[0])
}

func anyOf(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprintf("`%v`", v)
	}
	return strings.Join(words, ", ")
}
