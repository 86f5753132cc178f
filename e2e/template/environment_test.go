package infra

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// settings are the environment variables that a function's binary reads, and whether it
// refuses to start without: the env tags, and what Validate calls missing, of every
// package of ours that is linked into it.
func settings(t *testing.T, folder string) map[string]bool {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.Dir}}{{end}}{{end}}", "./functions/"+folder)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list ./functions/%s: %v", folder, err)
	}
	found := map[string]bool{}
	for dir := range strings.FieldsSeq(string(out)) {
		files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") {
				note(t, f, found)
			}
		}
	}
	return found
}

var missing = regexp.MustCompile(`^([A-Z][A-Z_]+) is missing`)

func note(t *testing.T, file string, found map[string]bool) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		raw, _ := strconv.Unquote(literal.Value)
		if name, options, _ := strings.Cut(reflect.StructTag(raw).Get("env"), ","); name != "" {
			found[name] = found[name] || strings.Contains(options, "required") || strings.Contains(options, "notEmpty")
		}
		if m := missing.FindStringSubmatch(raw); m != nil && strings.Contains(m[1], "_") {
			found[m[1]] = true
		}
		return true
	})
}

func (t template) variables(function string) object {
	all := object{}
	shared, _ := at(t.Globals, "Function", "Environment", "Variables").(object)
	own, _ := at(t.functions()[function], "Environment", "Variables").(object)
	maps.Copy(all, shared)
	maps.Copy(all, own)
	return all
}

func TestEveryVariableSetIsReadAndEveryRequiredOneIsSet(t *testing.T) {
	tpl := load(t)
	for id, folder := range folders(t) {
		set, read := tpl.variables(id), settings(t, folder)
		for name := range set {
			if _, ok := read[name]; !ok {
				t.Errorf("%s sets %s, which functions/%s does not read", id, name, folder)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(read)) {
			if _, ok := set[name]; !ok && read[name] {
				t.Errorf("%s does not set %s, which functions/%s requires", id, name, folder)
			}
		}
	}
}
