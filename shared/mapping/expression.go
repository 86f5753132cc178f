package mapping

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"

	"github.com/sluice-dev/sluice/shared/raw"
)

// expressions set fields to what they make of the whole document.
type expressions struct {
	all   []expression
	wants map[string]bool // top-level fields that they speak of; nil: any
	set   *Mapper         // drops what the fields held before
}

type expression struct {
	to      *field
	program *vm.Program
}

// banned would give another document when the record is delivered again, or floats.
var banned = []string{"now", "keys", "values", "toPairs", "fromJSON"}

// compileExpr gives a nil program and what is wrong with the text.
func compileExpr(text string, spoken *speech) (*vm.Program, string) {
	options := []expr.Option{expr.Env(map[string]any{"doc": map[string]any{}}), expr.Patch(spoken)}
	for _, name := range banned {
		options = append(options, expr.DisableBuiltin(name))
	}
	program, err := expr.Compile(text, append(options, functions()...)...)
	if err != nil {
		what, _, _ := strings.Cut(err.Error(), "\n")
		return nil, what
	}
	return program, ""
}

// speech notes the top-level fields that expressions speak of.
type speech struct {
	names map[string]bool
	whole int // times that doc is more than the way to a field
}

func (s *speech) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if n.Value == "doc" || n.Value == "$env" {
			s.whole++
		}
	case *ast.MemberNode:
		object, isDoc := n.Node.(*ast.IdentifierNode)
		if property, named := n.Property.(*ast.StringNode); isDoc && named && object.Value == "doc" {
			s.names[property.Value] = true
			s.whole--
		}
	}
}

func newExpressions(texts map[string]string) (*expressions, []Mistake) {
	var wrong []Mistake
	e := &expressions{}
	spoken := &speech{names: map[string]bool{}}
	paths := slices.Sorted(maps.Keys(texts))
	b := newBuilder(Rules{Drop: paths}, "")
	for _, path := range paths {
		program, what := compileExpr(texts[path], spoken)
		if what != "" {
			wrong = append(wrong, Mistake{"expr." + path, what})
			continue
		}
		e.all = append(e.all, expression{b.target(path), program})
	}
	if e.wants = spoken.names; spoken.whole > 0 {
		e.wants = nil
	}
	b.rules.Drop = paths
	e.set = b.build()
	return e, wrong
}

func (e *expressions) apply(document []byte) ([]byte, error) {
	env, err := e.env(document)
	if err != nil {
		return nil, err
	}
	settings := make([]setting, 0, len(e.all))
	for _, one := range e.all {
		result, err := expr.Run(one.program, env)
		if err != nil { // its text may quote a value
			return nil, &Misfit{one.to.path, "made of values that its expression has no result for", "expr"}
		}
		if result == nil {
			continue
		}
		value, ok := appendValue(nil, result)
		if !ok {
			return nil, &Misfit{one.to.path, "made into what JSON cannot say", "expr"}
		}
		settings = append(settings, setting{one.to, value})
	}
	return e.set.run(document, settings)
}

// env holds the document's fields that are spoken of.
func (e *expressions) env(document []byte) (map[string]any, error) {
	doc := make(map[string]any, len(e.wants))
	var r raw.Reader
	r.Lenient(document)
	err := r.Object(func(name []byte) error {
		if e.wants != nil && !e.wants[string(name)] {
			return r.Skip()
		}
		key := string(bytes.Clone(name))
		value, err := decode(&r, exprNumber)
		doc[key] = value
		return err
	})
	return map[string]any{"doc": doc}, err
}
