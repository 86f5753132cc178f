package infra

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares lines with a file, which is reviewed as a diff.
func golden(t *testing.T, file string, lines []string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	was := strings.Split(string(want), "\n")
	for _, line := range was {
		if line != "" && !slices.Contains(lines, line) {
			t.Errorf("gone: %s", line)
		}
	}
	for _, line := range lines {
		if !slices.Contains(was, line) {
			t.Errorf("new: %s", line)
		}
	}
	t.Errorf("if that is meant: go test ./e2e/template -run %s -update", t.Name())
}

// short writes a value as text: a reference as its name, an Fn::If as its branches.
func short(v any) string {
	switch v := v.(type) {
	case object:
		if sub, ok := v["Fn::Sub"].(string); ok {
			return sub
		}
		if branches, ok := v["Fn::If"].([]any); ok {
			return fmt.Sprintf("%v ? %s : %s", branches[0], short(branches[1]), short(branches[2]))
		}
		if name := ref(v); name != "" {
			return strings.TrimPrefix(name, "AWS::")
		}
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, strings.TrimPrefix(key, "Fn::")+"("+short(v[key])+")")
		}
		return strings.Join(parts, " ")
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = short(v[i])
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}

// Every right that the stack gives, and under which condition.
func TestRightsAreThoseOfTheGolden(t *testing.T) {
	tpl := load(t)
	var lines []string
	tell := func(id, format string, of ...any) {
		if condition := text(tpl.Resources[id], "Condition"); condition != "" {
			id += " (" + condition + ")"
		}
		lines = append(lines, id+": "+fmt.Sprintf(format, of...))
	}
	for id, role := range tpl.of("AWS::IAM::Role") {
		if held, ok := role["ManagedPolicyArns"].([]any); ok {
			for _, policy := range held {
				tell(id, "holds %s", short(policy))
			}
		}
	}
	tpl.statements(func(id string, s object) {
		for _, action := range list(s["Action"]) {
			for _, resource := range append([]any{}, list(s["Resource"])...) {
				if s["Resource"] == nil {
					resource = "itself"
				}
				line := fmt.Sprintf("%s %s on %s", s["Effect"], action, short(resource))
				if s["Principal"] != nil {
					line += " by " + short(s["Principal"])
				}
				if s["Condition"] != nil {
					line += " where " + short(s["Condition"])
				}
				tell(id, "%s", line)
			}
		}
	})
	slices.Sort(lines)
	golden(t, "rights.golden", lines)
}

// What each function is told, and what each event source mapping asks.
func TestSettingsAreThoseOfTheGolden(t *testing.T) {
	tpl := load(t)
	var lines []string
	for id := range tpl.functions() {
		for name, value := range tpl.variables(id) {
			lines = append(lines, fmt.Sprintf("%s: %s = %s", id, name, short(value)))
		}
	}
	for _, tr := range tpl.triggers() {
		for name, value := range tr.Properties {
			lines = append(lines, fmt.Sprintf("%s of %s: %s = %s", tr.Name, tr.Function, name, short(value)))
		}
	}
	slices.Sort(lines)
	golden(t, "settings.golden", lines)
}
