package collection

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// value reads n into a field of any kind that a collection's structs have.
func (f *file) value(n *yaml.Node, into reflect.Value, path string, k key) {
	if n.Kind == yaml.AliasNode {
		f.wrong(path, "aliases (*%s) are not followed: write it out", n.Value)
		return
	}
	if n.Tag == "!!null" {
		f.wrong(path, "has no value: give it one%s or remove the line", k.suchAs())
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		f.value(n, into.Elem(), path, k)
	case reflect.Struct:
		f.block(n, into, path)
	case reflect.Slice:
		f.list(n, into, path, k)
	case reflect.Map:
		f.table(n, into, path, k)
	case reflect.Interface:
		f.free(n, into, path)
	default:
		f.scalar(n, into, path, k)
	}
}

func (f *file) list(n *yaml.Node, into reflect.Value, path string, k key) {
	if n.Kind != yaml.SequenceNode {
		f.wrong(path, "wants a list%s, not %s", listOf(n), describe(n))
		return
	}
	if len(n.Content) == 0 {
		f.wrong(path, "is an empty list: fill it or remove the line")
	}
	for i, item := range n.Content {
		one := reflect.New(into.Type().Elem()).Elem()
		itemPath := fmt.Sprintf("%s[%d]", path, i)
		f.lines[itemPath] = item.Line
		f.value(item, one, itemPath, k)
		if had, ok := into.Interface().([]string); ok && slices.Contains(had, one.String()) {
			f.wrong(path, "%q is in the list twice: keep one", one.String())
		}
		into.Set(reflect.Append(into, one))
	}
}

func listOf(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		return ""
	}
	return ": [" + n.Value + "]"
}

func (f *file) table(n *yaml.Node, into reflect.Value, path string, k key) {
	entries := f.entries(n, path)
	into.Set(reflect.MakeMapWithSize(into.Type(), len(entries)))
	for _, e := range entries {
		one := reflect.New(into.Type().Elem()).Elem()
		f.value(e.value, one, join(path, e.key), k)
		into.SetMapIndex(reflect.ValueOf(e.key), one)
	}
}

// free reads what OpenSearch, not we, give a meaning to. It becomes JSON as written.
func (f *file) free(n *yaml.Node, into reflect.Value, path string) {
	switch {
	case n.Kind == yaml.MappingNode:
		block := map[string]any{}
		f.table(n, reflect.ValueOf(&block).Elem(), path, key{})
		into.Set(reflect.ValueOf(block))
	case n.Kind == yaml.SequenceNode:
		var list []any
		f.list(n, reflect.ValueOf(&list).Elem(), path, key{})
		into.Set(reflect.ValueOf(list))
	case n.Tag == "!!str" || n.Tag == "!!timestamp":
		into.Set(reflect.ValueOf(n.Value))
	case n.Tag == "!!int" && !isPlain(n):
		f.wrong(path, "%s is not the same number to every reader: write it in plain digits", n.Value)
	default:
		var v any
		if err := n.Decode(&v); err != nil {
			f.wrong(path, "%q cannot be read", n.Value)
			return
		}
		into.Set(reflect.ValueOf(v))
	}
}

func (f *file) scalar(n *yaml.Node, into reflect.Value, path string, k key) {
	if n.Kind != yaml.ScalarNode || !fits(n, into.Kind(), k) {
		f.wrong(path, "wants %s%s, not %s", kinds[into.Kind()], k.suchAs(), describe(n))
		return
	}
	switch into.Kind() {
	case reflect.String:
		into.SetString(n.Value)
		f.text(n.Value, path, k)
	case reflect.Bool:
		into.SetBool(strings.EqualFold(n.Value, "true"))
	default:
		f.number(n, into, path, k)
	}
}

func (f *file) number(n *yaml.Node, into reflect.Value, path string, k key) {
	err := n.Decode(into.Addr().Interface())
	switch v := into.Int(); {
	case err != nil || v > k.maximum:
		f.wrong(path, "%s is too large%s", n.Value, most(k.maximum))
	case v < k.minimum:
		f.wrong(path, "%d is too small: %d at least", v, k.minimum)
	}
}

func most(maximum int64) string {
	if maximum == math.MaxInt64 {
		return ""
	}
	return fmt.Sprintf(": %d at most", maximum)
}

func (f *file) text(value, path string, k key) {
	switch {
	case strings.TrimSpace(value) == "":
		f.wrong(path, "is empty: give it a value%s or remove the line", k.suchAs())
	case len(k.enum) > 0 && !slices.Contains(k.enum, value):
		f.wrong(path, "%q is not possible: %s", value, suggest(value, k.enum))
	}
}

var kinds = map[reflect.Kind]string{
	reflect.String: "text", reflect.Bool: "true or false",
	reflect.Int: "a whole number", reflect.Int64: "a whole number",
}

func fits(n *yaml.Node, kind reflect.Kind, k key) bool {
	switch kind {
	case reflect.Bool:
		return n.Tag == "!!bool"
	case reflect.String:
		return n.Tag == "!!str" || n.Tag == "!!timestamp" || slices.Contains(k.enum, n.Value) // dynamic: true
	}
	return isPlain(n)
}

// plain digits are the same number to every reader: 010 is eight to some, and 1_000 is text.
var plain = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

func isPlain(n *yaml.Node) bool { return n.Tag == "!!int" && plain.MatchString(n.Value) }

func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a block"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!str":
		return fmt.Sprintf("%q", n.Value)
	case n.Tag == "!!int" && !isPlain(n):
		return "the number " + n.Value + ", which is not in plain digits"
	case n.Tag == "!!int" || n.Tag == "!!float":
		return "the number " + n.Value
	}
	return n.Value
}
