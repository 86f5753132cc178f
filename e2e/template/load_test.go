package infra

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const root = "../.."

type object = map[string]any

// template is template.yaml with the short forms of intrinsics written out.
type template struct {
	Parameters, Rules, Conditions, Resources, Outputs, Globals, Metadata object
}

func load(t *testing.T) template {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(read(t, "template.yaml"), &doc); err != nil {
		t.Fatal(err)
	}
	top := plain(t, doc.Content[0]).(object)
	section := func(name string) object { o, _ := top[name].(object); return o }
	return template{section("Parameters"), section("Rules"), section("Conditions"),
		section("Resources"), section("Outputs"), section("Globals"), section("Metadata")}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func plain(t *testing.T, n *yaml.Node) any {
	t.Helper()
	switch {
	case strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!"):
		return intrinsic(t, n)
	case n.Kind == yaml.MappingNode:
		o := object{}
		for i := 0; i < len(n.Content); i += 2 {
			o[n.Content[i].Value] = plain(t, n.Content[i+1])
		}
		return o
	case n.Kind == yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			list[i] = plain(t, c)
		}
		return list
	}
	var v any
	if err := n.Decode(&v); err != nil {
		t.Fatalf("template.yaml:%d: %v", n.Line, err)
	}
	return v
}

func intrinsic(t *testing.T, n *yaml.Node) any {
	name := strings.TrimPrefix(n.Tag, "!")
	bare := *n
	bare.Tag = ""
	switch name {
	case "Ref", "Condition":
		return object{name: n.Value}
	case "GetAtt":
		resource, attribute, _ := strings.Cut(n.Value, ".")
		return object{"Fn::GetAtt": []any{resource, attribute}}
	}
	return object{"Fn::" + name: plain(t, &bare)}
}

// at follows keys through objects; nil where one is missing.
func at(v any, keys ...string) any {
	for _, k := range keys {
		o, _ := v.(object)
		v = o[k]
	}
	return v
}

func text(v any, keys ...string) string { s, _ := at(v, keys...).(string); return s }

// ref is the name that v refers to by Ref or GetAtt, empty if it does not.
func ref(v any) string {
	if s := text(v, "Ref"); s != "" {
		return s
	}
	if list, _ := at(v, "Fn::GetAtt").([]any); len(list) > 0 {
		return list[0].(string)
	}
	return ""
}

// walk visits v and everything in it.
func walk(v any, visit func(any)) {
	visit(v)
	switch v := v.(type) {
	case object:
		for _, c := range v {
			walk(c, visit)
		}
	case []any:
		for _, c := range v {
			walk(c, visit)
		}
	}
}

// of is the resources of one type, by logical id.
func (t template) of(kind string) map[string]object {
	found := map[string]object{}
	for id, r := range t.Resources {
		if text(r, "Type") == kind {
			found[id] = at(r, "Properties").(object)
		}
	}
	return found
}

func (t template) functions() map[string]object { return t.of("AWS::Serverless::Function") }

// trigger is one event source of a function.
type trigger struct {
	Function, Name, Type string
	Properties           object
}

func (t template) triggers() []trigger {
	var all []trigger
	for id, f := range t.functions() {
		events, _ := f["Events"].(object)
		for name, e := range events {
			all = append(all, trigger{id, name, text(e, "Type"), at(e, "Properties").(object)})
		}
	}
	for name, m := range t.of("AWS::Lambda::EventSourceMapping") {
		kind := "Kafka"
		if m["Queues"] != nil {
			kind = "RabbitMQ"
		}
		all = append(all, trigger{ref(m["FunctionName"]), name, kind, m})
	}
	for name, i := range t.of("AWS::ApiGatewayV2::Integration") {
		for _, used := range references(i["IntegrationUri"]) {
			if t.functions()[used] != nil {
				all = append(all, trigger{used, name, "HttpApi", i})
			}
		}
	}
	return all
}
