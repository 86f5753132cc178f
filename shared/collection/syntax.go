package collection

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	// The library counts the lines of these from 0, of all others from 1.
	fromZero = regexp.MustCompile(`^did not find expected (key|node content|'|<)`)
)

// syntax notes what the YAML library says of text that is not YAML.
func (f *file) syntax(err error) {
	line, text := 1, err.Error()
	if m := yamlError.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
		if fromZero.MatchString(text) {
			line++
		}
	}
	if strings.Contains(text, "cannot start any token") {
		text += " (indent with spaces, not tabs; quote text that begins with a special character)"
	}
	f.at(max(1, line), "not YAML: %s", text)
}
