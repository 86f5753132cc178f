// Package shared tests the laws of the house: who may import whom, who may ask for the
// time and the environment, and that every package says what it is. The linters say the
// same while one types; this test says it wherever Go runs.
package shared

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/sluice-dev/sluice/"

// The pure ring, from the bottom up: each may import those before it, the standard
// library, the one parser of raw JSON, and parsers of formats that are its own.
var (
	ring       = []string{"change", "fault", "raw", "field", "line", "rotation", "envelope", "mapping", "batch", "query", "bulk"}
	jsonParser = "github.com/go-json-experiment/json"
	parsers    = map[string][]string{
		"line":    {"github.com/elastic/go-grok", "github.com/go-logfmt/logfmt", "github.com/leodido/go-syslog"},
		"mapping": {"github.com/expr-lang/expr"},
	}
)

// only says which folders may import what; the empty list means none.
var only = []struct {
	pkg, why string
	folders  []string
}{
	{"github.com/opensearch-project/opensearch-go", "another version of the library slots in there alone", []string{"shared/client"}},
	{"github.com/aws/aws-sdk-go-v2/aws/signer", "a retry is signed over its own body", []string{"shared/client"}},
	{"github.com/aws/aws-lambda-go", "everything else runs anywhere", []string{"functions", "shared/lambdatest"}},
	{"github.com/awslabs/aws-lambda-go-api-proxy", "one function is behind the adapter", []string{"functions/search"}},
	{"github.com/gin-gonic/gin", "one function speaks HTTP to callers", []string{"functions/search"}},
	{"github.com/gomodule/redigo", "one cache, whatever it is kept in", []string{"shared/cache"}},
	{"gorm.io", "nothing else carries its size", []string{"shared/source", "shared/outbox", "docs/outbox"}},
	{module + "functions", "functions are transport, nothing is above them", nil},
}

// source is one Go file that is no test.
type source struct {
	path, dir string
	tree      *ast.File
}

func (s source) imports() (paths []string) {
	for _, i := range s.tree.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		paths = append(paths, p)
	}
	return paths
}

func (s source) in(folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return within(s.dir, f) })
}

func within(p, folder string) bool { return p == folder || strings.HasPrefix(p, folder+"/") }

func sources(t *testing.T) (found []source) {
	t.Helper()
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || p != "." && (strings.HasPrefix(d.Name(), ".") || isModule(root, p))):
			return fs.SkipDir
		case path.Dir(p) == "." || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go"):
			return nil
		}
		raw, err := fs.ReadFile(root, p)
		if err != nil {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), p, raw, parser.ParseComments)
		found = append(found, source{p, path.Dir(p), tree})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestPureRingImportsDownwardOnly(t *testing.T) {
	for _, s := range sources(t) {
		rank := slices.Index(ring, strings.TrimPrefix(s.dir, "shared/"))
		if rank < 0 {
			continue
		}
		for _, p := range s.imports() {
			below := slices.Index(ring, strings.TrimPrefix(p, module+"shared/"))
			standard := !strings.Contains(p, ".")
			own := slices.ContainsFunc(parsers[ring[rank]], func(parser string) bool { return within(p, parser) })
			if !standard && !own && !within(p, jsonParser) && (below < 0 || below >= rank) {
				t.Errorf("%s imports %s: %s may use the standard library, %s, %v and %v", s.path, p, ring[rank], jsonParser, parsers[ring[rank]], ring[:rank])
			}
		}
	}
}

func TestLibrariesStayInTheirRooms(t *testing.T) {
	for _, s := range sources(t) {
		for _, p := range s.imports() {
			for _, law := range only {
				if within(p, law.pkg) && !s.in(law.folders...) {
					t.Errorf("%s imports %s, which only %v may: %s", s.path, p, law.folders, law.why)
				}
			}
		}
	}
}

// isModule says whether a folder is a module of its own: a benchmark, a client's smoke test.
func isModule(root fs.FS, dir string) bool {
	_, err := fs.Stat(root, dir+"/go.mod")
	return err == nil
}

func TestEnvironmentIsReadInConfigAndTimeInMains(t *testing.T) {
	for _, s := range sources(t) {
		if !s.in("shared", "functions") || s.in("shared/lambdatest") {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, _ := sel.X.(*ast.Ident)
			switch {
			case pkg == nil:
			case pkg.Name == "os" && slices.Contains([]string{"Getenv", "LookupEnv", "Environ"}, sel.Sel.Name) && !s.in("shared/config"):
				t.Errorf("%s calls os.%s: only shared/config reads the environment", s.path, sel.Sel.Name)
			case pkg.Name == "time" && slices.Contains([]string{"Now", "Since"}, sel.Sel.Name) && path.Base(s.path) != "main.go":
				t.Errorf("%s calls time.%s: take a now func() time.Time; mains pass time.Now", s.path, sel.Sel.Name)
			}
			return true
		})
	}
}

func TestNothingHappensInInit(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init: registries are literal tables, set-up is in run", s.path)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	comments := map[string]int{}
	banned := []string{"types", "utils", "util", "common", "helpers", "models", "pkg", "domain"}
	for _, s := range sources(t) {
		if slices.Contains(banned, s.tree.Name.Name) {
			t.Errorf("%s: a package named %s says nothing", s.dir, s.tree.Name.Name)
		}
		comments[s.dir] += 0
		if s.tree.Doc != nil {
			comments[s.dir] += strings.Count(s.tree.Doc.Text(), "\n")
		}
	}
	for dir, lines := range comments {
		if lines < 3 || lines > 14 {
			t.Errorf("%s: the package comment has %d lines; say in 3 to 10 what it does, what it refuses, who calls it", dir, lines)
		}
	}
}

func TestEachFunctionIsOneMain(t *testing.T) {
	for _, s := range sources(t) {
		folder, ok := strings.CutPrefix(s.dir, "functions/")
		if ok && !strings.Contains(folder, "/") && s.tree.Name.Name != "main" {
			t.Errorf("%s is package %s: a function's folder is one package main", s.path, s.tree.Name.Name)
		}
	}
	folders, _ := fs.Glob(os.DirFS(".."), "functions/*")
	for _, f := range folders {
		if _, err := fs.Stat(os.DirFS(".."), f+"/main.go"); err != nil {
			t.Errorf("%s has no main.go", f)
		}
	}
}
