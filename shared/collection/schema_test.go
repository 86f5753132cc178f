package collection

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"

	"github.com/sluice-dev/sluice/shared/golden"
	"github.com/sluice-dev/sluice/shared/line"
)

//go:generate go test -run TestSchemaAndReferenceAreThoseOfTheStructs . -update

const root = "../../"

func TestSchemaAndReferenceAreThoseOfTheStructs(t *testing.T) {
	s := schemaOf(t)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, root+"collections/schema.json", out.String())
	golden.Check(t, root+"docs/collections.md", reference(t, s))
}

// schemaOf makes the editors' schema of the Go structs: yaml tags are the keys,
// jsonschema tags the rules, comments the descriptions.
func schemaOf(t *testing.T) *jsonschema.Schema {
	t.Helper()
	r := jsonschema.Reflector{FieldNameTag: "yaml", ExpandedStruct: true, Anonymous: true}
	r.Mapper = func(t reflect.Type) *jsonschema.Schema {
		if t == literal {
			return &jsonschema.Schema{}
		}
		return nil
	}
	comments := map[string]string{}
	t.Chdir(root)
	for _, dir := range []string{"shared/collection", "shared/mapping", "shared/rotation"} {
		if err := r.AddGoComments("github.com/sluice-dev/sluice", dir, jsonschema.WithFullComment()); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir("shared/collection")
	comments, r.CommentMap = r.CommentMap, nil
	r.LookupComment = func(typ reflect.Type, field string) string { return describeKey(comments, typ, field) }
	s := r.Reflect(&Collection{})
	s.Title = "A collection"
	refine(s)
	return s
}

var spaces = regexp.MustCompile(`\s+`)

// describeKey is a field's comment, which begins with the field's Go name, with the
// key's name instead.
func describeKey(comments map[string]string, typ reflect.Type, field string) string {
	name := typ.PkgPath() + "." + typ.Name()
	if field == "" {
		return spaces.ReplaceAllString(comments[name], " ")
	}
	text := spaces.ReplaceAllString(comments[name+"."+field], " ")
	f, _ := typ.FieldByName(field)
	key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if rest, ok := strings.CutPrefix(text, field); ok {
		return key + rest
	}
	return text
}

// refine adds what tags cannot say.
func refine(s *jsonschema.Schema) {
	one := uint64(1)
	walk(s, func(s *jsonschema.Schema) {
		switch {
		case s.Type == "string" && s.Enum == nil && s.Pattern == "":
			s.MinLength = &one
		case s.Type == "array":
			s.MinItems, s.UniqueItems = &one, true
		}
	})
	source := s.Definitions["Source"]
	source.MinProperties, source.MaxProperties = &one, &one
	example := s.Definitions["Example"]
	for _, key := range []string{"input", "want"} {
		document, _ := example.Properties.Get(key)
		document.Type = "object"
	}
	example.OneOf = []*jsonschema.Schema{{Required: []string{"want"}}, {Required: []string{"fails"}}}
	types, _ := s.Definitions["Rules"].Properties.Get("type")
	types.AdditionalProperties.Enum = []any{"string", "integer", "decimal", "boolean"}
	enum, _ := s.Definitions["Rules"].Properties.Get("enum")
	enum.AdditionalProperties.AdditionalProperties = &jsonschema.Schema{Not: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "object"}, {Type: "array"}}}}
	redact := s.Definitions["Redact"]
	redact.OneOf = []*jsonschema.Schema{{Required: []string{"hash"}}, {Required: []string{"mask"}}}
	lines, _ := s.Properties.Get("lines")
	for _, name := range line.Names() { // editors offer these; grok adds others
		lines.Items.Examples = append(lines.Items.Examples, name)
	}
	fields, _ := s.Properties.Get("fields")
	fields.MinProperties = &one
	fields.PropertyNames = &jsonschema.Schema{Pattern: `^[^_.*?"\\\s][^.*?"\\\s]*(\.[^.*?"\\\s]+)*$`}
	dynamic, _ := s.Properties.Get("dynamic")
	dynamic.Type, dynamic.Enum = "", []any{false, true, "strict"}
	s.AllOf = []*jsonschema.Schema{
		{If: policy("rollover", "data_stream"), Then: &jsonschema.Schema{Required: []string{"append_only"}}},
		{If: policy("periodic", "data_stream"), Then: &jsonschema.Schema{Required: []string{"time"}}},
	}
}

func policy(names ...any) *jsonschema.Schema {
	with := func(key string, s *jsonschema.Schema) *jsonschema.Schema {
		p := jsonschema.NewProperties()
		p.Set(key, s)
		return &jsonschema.Schema{Properties: p}
	}
	return with("index", with("policy", &jsonschema.Schema{Enum: names}))
}

func walk(s *jsonschema.Schema, visit func(*jsonschema.Schema)) {
	if s == nil {
		return
	}
	visit(s)
	walk(s.Items, visit)
	walk(s.AdditionalProperties, visit)
	for _, d := range s.Definitions {
		walk(d, visit)
	}
	if s.Properties != nil {
		for p := s.Properties.Oldest(); p != nil; p = p.Next() {
			walk(p.Value, visit)
		}
	}
}
