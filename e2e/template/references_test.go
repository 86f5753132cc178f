package infra

import (
	"regexp"
	"strings"
	"testing"
)

var substituted = regexp.MustCompile(`\$\{([^!}]+)\}`)

// references are the logical names that v uses by Ref, GetAtt, Sub and DependsOn.
func references(v any) []string {
	var names []string
	walk(v, func(v any) {
		if name := ref(v); name != "" {
			names = append(names, name)
		}
		sub, own := at(v, "Fn::Sub"), any(nil)
		if l, ok := sub.([]any); ok {
			sub, own = l[0], l[1]
		}
		s, _ := sub.(string)
		for _, m := range substituted.FindAllStringSubmatch(s, -1) {
			if name, _, _ := strings.Cut(m[1], "."); at(own, name) == nil {
				names = append(names, name)
			}
		}
	})
	return names
}

func TestEveryReferenceExists(t *testing.T) {
	tpl := load(t)
	known := func(name string) bool {
		return strings.HasPrefix(name, "AWS::") || tpl.Parameters[name] != nil || tpl.Resources[name] != nil
	}
	for section, v := range map[string]any{"Resources": tpl.Resources, "Outputs": tpl.Outputs, "Globals": tpl.Globals, "Rules": tpl.Rules} {
		for _, name := range references(v) {
			if !known(name) {
				t.Errorf("%s refer to %s, which does not exist", section, name)
			}
		}
	}
}

func TestEveryConditionExists(t *testing.T) {
	tpl := load(t)
	walk(object{"r": tpl.Resources, "o": tpl.Outputs, "g": tpl.Globals, "c": tpl.Conditions}, func(v any) {
		if branch, ok := at(v, "Fn::If").([]any); ok && tpl.Conditions[branch[0].(string)] == nil {
			t.Errorf("Fn::If asks %v, which does not exist", branch[0])
		}
		if c, ok := at(v, "Condition").(string); ok && tpl.Conditions[c] == nil {
			t.Errorf("Condition %s does not exist", c)
		}
	})
}

func TestEveryParameterIsUsedDescribedAndInTheGuide(t *testing.T) {
	tpl, guide := load(t), string(read(t, "docs/deploy.md"))
	used := map[string]bool{}
	for _, name := range references([]any{tpl.Resources, tpl.Globals, tpl.Conditions, tpl.Outputs}) {
		used[name] = true
	}
	for name, p := range tpl.Parameters {
		if !used[name] {
			t.Errorf("parameter %s does nothing", name)
		}
		if text(p, "Description") == "" {
			t.Errorf("parameter %s has no description", name)
		}
		if !strings.Contains(guide, "| `"+name+"` |") {
			t.Errorf("docs/deploy.md has no row for parameter %s", name)
		}
	}
}

func TestEveryParameterStandsInOneGroupOfTheConsole(t *testing.T) {
	tpl := load(t)
	times := map[string]int{}
	for _, group := range list(at(tpl.Metadata, "AWS::CloudFormation::Interface", "ParameterGroups")) {
		for _, name := range list(at(group, "Parameters")) {
			times[name.(string)]++
			if tpl.Parameters[name.(string)] == nil {
				t.Errorf("a group names %s, which does not exist", name)
			}
		}
	}
	for name := range tpl.Parameters {
		if times[name] != 1 {
			t.Errorf("parameter %s stands in %d groups", name, times[name])
		}
	}
}

func TestEnvironmentsSetParametersThatExist(t *testing.T) {
	tpl := load(t)
	override := regexp.MustCompile(`"(\w+)=`)
	for _, m := range override.FindAllStringSubmatch(string(read(t, "samconfig.toml")), -1) {
		if tpl.Parameters[m[1]] == nil {
			t.Errorf("samconfig.toml sets %s, which does not exist", m[1])
		}
	}
}
