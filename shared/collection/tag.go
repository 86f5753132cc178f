package collection

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// key is one key of a block, as its struct field tells: the yaml tag names it, and
// the jsonschema tag holds the rules that the editor's schema and the loader share.
type key struct {
	name     string
	index    int
	required bool
	example  string   // example=
	enum     []string // enum=
	minimum  int64    // minimum=
	maximum  int64    // maximum=
}

func keysOf(t reflect.Type) []key {
	var keys []key
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		k := key{name: name, index: i, required: !strings.Contains(options, "omitempty"), minimum: math.MinInt64, maximum: math.MaxInt64}
		for rule := range strings.SplitSeq(field.Tag.Get("jsonschema"), ",") {
			switch what, value, _ := strings.Cut(rule, "="); what {
			case "example":
				k.example = value
			case "enum":
				k.enum = append(k.enum, value)
			case "minimum":
				k.minimum, _ = strconv.ParseInt(value, 10, 64)
			case "maximum":
				k.maximum, _ = strconv.ParseInt(value, 10, 64)
			}
		}
		keys = append(keys, k)
	}
	return keys
}

func find(keys []key, name string) (key, bool) {
	i := slices.IndexFunc(keys, func(k key) bool { return k.name == name })
	if i < 0 {
		return key{}, false
	}
	return keys[i], true
}

func namesOf(keys []key) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names
}

// suchAs is the example in brackets, empty without one.
func (k key) suchAs() string {
	if k.example == "" {
		return ""
	}
	return " (such as " + k.name + ": " + k.example + ")"
}
