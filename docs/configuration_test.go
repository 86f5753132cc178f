// Package docs tests that the generated documents are those of the code.
package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/golden"
)

//go:generate go test -run TestConfigurationIsThatOfTheStructs . -update

const (
	module = "github.com/sluice-dev/sluice/"
	begin  = "<!-- generated from the Config structs: go generate ./docs -->\n"
)

// setting is one field of a Config struct.
type setting struct{ name, preset, meaning string }

func TestConfigurationIsThatOfTheStructs(t *testing.T) {
	old, err := os.ReadFile("configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(old), begin)
	if !ok {
		t.Fatalf("configuration.md has no line %q", begin)
	}
	golden.Check(t, "configuration.md", head+begin+generate(t))
}

func generate(t *testing.T) string {
	t.Helper()
	settings, readers := map[string][]setting{}, map[string][]string{}
	for _, file := range sources(t) {
		dir := filepath.ToSlash(filepath.Dir(file.path))
		settings[dir] = append(settings[dir], settingsOf(t, file)...)
		name, isFunction := strings.CutPrefix(dir, "functions/")
		if !isFunction {
			continue
		}
		for _, dep := range file.tree.Imports {
			path, _ := strconv.Unquote(dep.Path.Value)
			path = strings.TrimPrefix(path, module)
			if !slices.Contains(readers[path], name) {
				readers[path] = append(readers[path], name)
			}
		}
	}
	var b strings.Builder
	for _, dir := range slices.Sorted(keys(settings)) {
		if len(settings[dir]) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n", dir)
		if len(readers[dir]) > 0 {
			fmt.Fprintf(&b, "Read by %s.\n\n", strings.Join(readers[dir], ", "))
		}
		b.WriteString("| name | default | meaning |\n|---|---|---|\n")
		for _, s := range settings[dir] {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.name, s.preset, strings.ReplaceAll(s.meaning, "|", "\\|"))
		}
	}
	return b.String()
}

func keys(m map[string][]setting) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

type source struct {
	path string
	tree *ast.File
}

// sources are the Go files of the functions and of what they share.
func sources(t *testing.T) (found []source) {
	t.Helper()
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || path != "." && !strings.HasPrefix(path, "shared") && !strings.HasPrefix(path, "functions")):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		raw, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, raw, parser.ParseComments)
		found = append(found, source{path, tree})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func settingsOf(t *testing.T, file source) (found []setting) {
	t.Helper()
	ast.Inspect(file.tree, func(n ast.Node) bool {
		f, ok := n.(*ast.Field)
		if !ok || f.Tag == nil {
			return true
		}
		raw, _ := strconv.Unquote(f.Tag.Value)
		tag := reflect.StructTag(raw)
		name, options, _ := strings.Cut(tag.Get("env"), ",")
		if name == "" {
			return true
		}
		meaning := describe(f)
		if meaning == "" {
			t.Errorf("%s: %s has no comment: say its unit, and what its zero value means", file.path, name)
		}
		found = append(found, setting{name, preset(tag, options), meaning})
		return true
	})
	return found
}

func preset(tag reflect.StructTag, options string) string {
	value, given := tag.Lookup("envDefault")
	switch {
	case given && value != "":
		return "`" + value + "`"
	case strings.Contains(options, "required") || strings.Contains(options, "notEmpty"):
		return "required"
	}
	return ""
}

// describe is the field's comment, in which the Go name at the beginning is left out or
// made words.
func describe(f *ast.Field) string {
	text := strings.Join(strings.Fields(f.Doc.Text()+" "+f.Comment.Text()), " ")
	for _, name := range f.Names {
		rest, ok := strings.CutPrefix(text, name.Name)
		if !ok {
			continue
		}
		for _, lead := range []string{": ", " is ", " are "} {
			if after, ok := strings.CutPrefix(rest, lead); ok {
				return strings.ToUpper(after[:1]) + after[1:]
			}
		}
		return words(name.Name) + rest
	}
	return text
}

var hump = regexp.MustCompile(`([a-z])([A-Z]+)`)

// words is MaxBytes as "Max bytes", SecretARN as "Secret ARN".
func words(name string) string {
	return hump.ReplaceAllStringFunc(name, func(s string) string {
		if len(s) == 2 {
			s = strings.ToLower(s)
		}
		return s[:1] + " " + s[1:]
	})
}
