package infra

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// setting is one field of a Config struct.
type setting struct{ required bool }

// settings are the environment variables that a function's binary reads: the env tags
// of every package of ours that is linked into it.
func settings(t *testing.T, folder string) map[string]setting {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.Dir}}{{end}}{{end}}", "./functions/"+folder)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list ./functions/%s: %v", folder, err)
	}
	found := map[string]setting{}
	for _, dir := range strings.Fields(string(out)) {
		files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") {
				maps.Copy(found, tagged(t, f))
			}
		}
	}
	return found
}

func tagged(t *testing.T, file string) map[string]setting {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]setting{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		field, ok := n.(*ast.Field)
		if !ok || field.Tag == nil {
			return true
		}
		raw, _ := strconv.Unquote(field.Tag.Value)
		name, options, _ := strings.Cut(reflect.StructTag(raw).Get("env"), ",")
		if name != "" {
			found[name] = setting{required: strings.Contains(options, "required") || strings.Contains(options, "notEmpty")}
		}
		return true
	})
	return found
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
			if _, ok := set[name]; !ok && read[name].required {
				t.Errorf("%s does not set %s, which functions/%s requires", id, name, folder)
			}
		}
	}
}
