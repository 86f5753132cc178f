package collection

import (
	"strings"
	"testing"
	"testing/fstest"
)

const trap = `name: logs
append_only: true
time: {field: "@timestamp"}
fields: {"@timestamp": {type: date}}
index:
  policy: periodic
  period: day
`

// refused says what Load has against a folder; empty if nothing.
func refused(files map[string]string) string {
	dir := fstest.MapFS{}
	for name, text := range files {
		dir[name] = &fstest.MapFile{Data: []byte(text)}
	}
	_, err := Load(dir)
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestTrapsOfYAML(t *testing.T) {
	for text, want := range map[string]string{
		strings.Replace(trap, "append_only: true", "append_only: no", 1):              `logs.yaml:2: append_only: wants true or false, not "no"`,
		trap + "  keep_at_least: 010\n":                                               `logs.yaml:8: index.keep_at_least: wants a whole number, not the number 010, which is not in plain digits`,
		trap + "  keep_at_least: 0o17\n":                                              `logs.yaml:8: index.keep_at_least: wants a whole number, not the number`,
		trap + "  keep_at_least: 1_000\n":                                             `logs.yaml:8: index.keep_at_least: wants a whole number, not the number`,
		trap + "  keep_at_least: 0x10\n":                                              `logs.yaml:8: index.keep_at_least: wants a whole number, not the number`,
		trap + "  keep_at_least: 7.0\n":                                               `logs.yaml:8: index.keep_at_least: wants a whole number`,
		trap + "  keep_at_least: !!int \"7\"\n":                                       ``,
		trap + "  settings: {max_result_window: 010}\n":                               `plain digits`,
		trap + "  settings: {index.codec: a, codec: b}\n":                             `settings: codec is given twice`,
		trap + "  retention: !!str 30\n":                                              `"30" has no unit`,
		trap + "  retention: 2026-01-01\n":                                            `is not a duration`,
		trap + "  retention: 30d\n  \"retention\": 1h\n":                              `key "retention" is given twice, on lines 8 and 9`,
		trap + "  <<: {retention: 1h}\n":                                              `unknown key "<<"`,
		"\ufeff" + trap:                                                               ``,
		strings.ReplaceAll(trap, "\n", "\r\n"):                                        ``,
		trap + "---\n" + trap:                                                         `a second document begins`,
		trap + "...\n":                                                                ``,
		"%YAML 1.1\n---\n" + trap:                                                     ``,
		strings.Replace(trap, "name: logs", "name: &x logs", 1) + "  retention: *x\n": `aliases (*x) are not followed`,
		trap + "  ? retention\n  : 30d\n":                                             ``,
		trap + "  settings: {hidden: true}\n":                                         ``,
	} {
		got := refused(map[string]string{"logs.yaml": text})
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s\n%q, want %q", text, got, want)
		}
	}
}

func TestEverySpellingOfTrueIsTrue(t *testing.T) {
	for _, word := range []string{"true", "True", "TRUE"} {
		set, err := Load(fstest.MapFS{"logs.yaml": {Data: []byte(strings.Replace(trap, "only: true", "only: "+word, 1))}})
		if err != nil || !set.All()[0].AppendOnly {
			t.Errorf("%s: %v", word, err)
		}
	}
}

func TestFilesThatWouldBePassedOver(t *testing.T) {
	for name, want := range map[string]string{
		"audit.yml":     `audit.yml: is not read: rename it to audit.yaml`,
		"audit.YAML":    `audit.YAML: is not read: rename it to audit.yaml`,
		"audit.Yml":     `audit.Yml: is not read: rename it to audit.yaml`,
		"eu/audit.yaml": `eu/audit.yaml: is not read: move it out of the folder eu`,
		"eu/audit.yml":  `eu/audit.yml: is not read: move it out of the folder eu`,
		"audit.yaml/x":  `audit.yaml: is a folder`,
		"README.md":     ``,
		"schema.json":   ``,
		"logs.yaml.bak": ``,
		"eu/README.md":  ``,
		"lögs.yaml":     `lögs.yaml`,
		"_all.yaml":     `_all.yaml`,
	} {
		got := refused(map[string]string{"logs.yaml": trap, name: strings.Replace(trap, "logs", strings.TrimSuffix(name, ".yaml"), 1)})
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// Logs.yml may be the newer one, with the longer retention.
func TestOfTwoFilesOfOneCollectionNoneIsReliedOn(t *testing.T) {
	for _, second := range []string{"logs.yml", "logs.YAML", "eu/logs.yaml"} {
		set, err := Load(fstest.MapFS{"logs.yaml": {Data: []byte(trap)}, second: {Data: []byte(trap)}})
		if err == nil || len(set.All()) != 0 {
			t.Errorf("%s: %v, %v", second, set.All(), err)
		}
	}
}
