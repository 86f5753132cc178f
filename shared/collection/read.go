package collection

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// file is one YAML file while it is read and checked: what is wrong with it, and on
// which line each key is, so that every later mistake can name its line.
type file struct {
	name     string
	lines    map[string]int  // "index.retention" -> line
	told     map[string]bool // key paths with a mistake: one is enough for each
	mistakes Mistakes
}

func newFile(name string) *file {
	return &file{name: name, lines: map[string]int{}, told: map[string]bool{}}
}

func (f *file) at(line int, format string, args ...any) {
	f.mistakes = append(f.mistakes, Mistake{f.name, line, fmt.Sprintf(format, args...)})
}

// wrong notes a mistake on the line of the key path or of the nearest block around it.
func (f *file) wrong(path, format string, args ...any) {
	f.told[path] = true
	f.mistakes = append(f.mistakes, f.mistake(path, format, args...))
}

func (f *file) mistake(path, format string, args ...any) Mistake {
	return Mistake{f.name, f.line(path), path + ": " + fmt.Sprintf(format, args...)}
}

func (f *file) line(path string) int {
	for {
		if line, ok := f.lines[path]; ok {
			return line
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			return 1
		}
		path = path[:i]
	}
}

// block reads a mapping into a struct, whose yaml tags are the keys it may have.
func (f *file) block(n *yaml.Node, into reflect.Value, path string) {
	keys, seen := keysOf(into.Type()), f.entries(n, path)
	if seen == nil {
		return
	}
	for _, e := range seen {
		k, known := find(keys, e.key)
		if !known {
			f.at(e.line, "unknown key %q: %s", e.key, suggest(e.key, namesOf(keys)))
			continue
		}
		f.value(e.value, into.Field(k.index), join(path, k.name), k)
	}
	for _, k := range keys {
		if k.required && !slices.ContainsFunc(seen, func(e entry) bool { return e.key == k.name }) {
			f.wrong(join(path, k.name), "is missing: add it%s", k.suchAs())
		}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// entry is one key of a mapping with its value.
type entry struct {
	key   string
	line  int
	value *yaml.Node
}

// entries are a mapping's keys in the file's order, each once; nil if n is no mapping.
func (f *file) entries(n *yaml.Node, path string) []entry {
	if n.Kind != yaml.MappingNode {
		if path == "" {
			f.at(n.Line, "wants keys and values, such as name: orders, not %s", describe(n))
		} else {
			f.wrong(path, "wants a block of keys and values, not %s", describe(n))
		}
		return nil
	}
	first := map[string]int{}
	found := make([]entry, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if line, twice := first[k.Value]; twice {
			f.at(k.Line, "key %q is given twice, on lines %d and %d: keep one", k.Value, line, k.Line)
			continue
		}
		first[k.Value], f.lines[join(path, k.Value)] = k.Line, k.Line
		found = append(found, entry{k.Value, k.Line, v})
	}
	return found
}
