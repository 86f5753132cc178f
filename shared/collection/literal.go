package collection

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

var (
	literal    = reflect.TypeFor[json.RawMessage]()
	jsonNumber = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$`)
)

// json appends what n says as JSON: fields in the file's order, numbers digit by digit.
func (f *file) json(dst []byte, n *yaml.Node, path string) []byte {
	switch {
	case n.Kind == yaml.MappingNode:
		dst = append(dst, '{')
		for i, e := range f.entries(n, path) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst, _ = jsontext.AppendQuote(dst, e.key)
			dst = f.json(append(dst, ':'), e.value, join(path, e.key))
		}
		return append(dst, '}')
	case n.Kind == yaml.SequenceNode:
		dst = append(dst, '[')
		for i, item := range n.Content {
			if i > 0 {
				dst = append(dst, ',')
			}
			itemPath := fmt.Sprintf("%s[%d]", path, i)
			f.lines[itemPath] = item.Line
			dst = f.json(dst, item, itemPath)
		}
		return append(dst, ']')
	case n.Kind == yaml.AliasNode:
		f.wrong(path, "aliases (*%s) are not followed: write it out", n.Value)
	case n.Tag == "!!null":
		return append(dst, "null"...)
	case n.Tag == "!!bool" && (n.Value == "true" || n.Value == "false"):
		return append(dst, n.Value...)
	case n.Tag == "!!int" || n.Tag == "!!float":
		if jsonNumber.MatchString(n.Value) {
			return append(dst, n.Value...)
		}
		f.wrong(path, "the number %s is not one in JSON: write it as 12, -1.50 or 1e9, or quote it", n.Value)
	default:
		text, err := jsontext.AppendQuote(dst, n.Value)
		if err == nil {
			return text
		}
		f.wrong(path, "is not text: %v", err)
	}
	return append(dst, "null"...)
}
