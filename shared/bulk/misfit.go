package bulk

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-dev/sluice/shared/raw"
)

// The sentences in which OpenSearch (2.19, 3.x) says that a value and its field's type do
// not go together: before the field, between it and the type, and behind that.
var misfits = [...]struct{ before, between, behind, mapped, given string }{
	{before: "failed to parse field [", between: "] of type [", behind: "]"},
	{before: "object mapping for [", between: "] tried to parse field [", mapped: "object"},
	{before: "Existing mapping for [", between: "] must be of type object but found [", behind: "]", given: "an object"},
	{before: "mapper [", between: "] cannot be changed from type [", behind: "]"},
}

// conflictOf says which field is mapped as what and what the document has there. The
// server's own reason says the first half only, and quotes the value.
func conflictOf(reason string, body []byte) (string, bool) {
	for _, m := range misfits {
		_, rest, found := strings.Cut(reason, m.before)
		field, rest, between := strings.Cut(rest, m.between)
		if !found || !between {
			continue
		}
		mapped := m.mapped
		if mapped == "" {
			mapped, _, _ = strings.Cut(rest, m.behind)
		}
		given := m.given
		if given == "" {
			given = strings.Join(typesAt(body, field), " and ")
		}
		if given == "" {
			given = "another type"
		}
		return "field " + strconv.Quote(field) + " is mapped as " + mapped + ", the document has " + given, true
	}
	return "", false
}

// typesAt are the types of a field's values, in the order they come.
func typesAt(body []byte, field string) (types []string) {
	var r raw.Reader
	r.Lenient(body)
	var look func(path string) error
	look = func(path string) error {
		switch kind := r.Kind(); {
		case kind == raw.Array:
			return r.Array(func() error { return look(path) })
		case kind == raw.Object && path != "":
			return r.Object(func(name []byte) error {
				if rest, below := strings.CutPrefix(path, string(name)); below && (rest == "" || rest[0] == '.') {
					return look(strings.TrimPrefix(rest, "."))
				}
				return r.Skip()
			})
		}
		value, err := r.Value()
		if path == "" && err == nil {
			if one := raw.Describe(value); !slices.Contains(types, one) {
				types = append(types, one)
			}
		}
		return err
	}
	_ = look(field) // what can be read of it
	return types
}
