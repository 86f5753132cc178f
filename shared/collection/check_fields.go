package collection

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sluice-dev/sluice/shared/envelope"
)

func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// fieldType is the type of a field that the key at path refers to; if there is no such
// field, that is a mistake of the key.
func (f *file) fieldType(c *Collection, path, name string) (string, bool) {
	field, ok := c.Fields[name]
	if !ok && name != "" && len(c.Fields) > 0 {
		f.wrong(path, "%q is not among the fields: %s", name, suggest(name, slices.Sorted(maps.Keys(c.Fields))))
	}
	return field.Type, ok
}

func (f *file) checkFields(c *Collection) {
	if c.Fields != nil && len(c.Fields) == 0 {
		f.wrong("fields", "names no field: nothing could be searched")
	}
	for name, field := range c.Fields {
		path := "fields." + name
		f.checkFieldName(c, path, name)
		if field.Format != "" && field.Type != "date" {
			f.wrong(path+".format", "only a date has a format, %s is of type %s", name, field.Type)
		}
		if _, ok := envelope.ParseColumn(field.Column); field.Column != "" && !ok {
			f.wrong(path+".column", "%q is none: write decimal(2), days, millis, micros, nanos, time_millis, time_micros, time_nanos, unsigned, bits or plain", field.Column)
		}
		for _, own := range []string{"type", "format", "properties"} {
			if _, ok := field.Mapping[own]; ok {
				f.wrong(path+".mapping."+own, "belongs outside of mapping: %s", ownKey(own, name))
			}
		}
		if _, ok := field.Mapping["scaling_factor"]; field.Type == "scaled_float" && !ok {
			f.wrong(path, "a scaled_float needs mapping: {scaling_factor: 100}, which keeps two decimals")
		}
	}
}

func ownKey(key, name string) string {
	if key == "properties" {
		return "write " + name + ".x as a field of its own"
	}
	return "write " + key + " beside mapping"
}

func (f *file) checkFieldName(c *Collection, path, name string) {
	switch parts := strings.Split(name, "."); {
	case slices.Contains(parts, ""):
		f.wrong(path, "a field's name is words joined by single dots")
	case strings.HasPrefix(name, "_"):
		f.wrong(path, "names that begin with _ are OpenSearch's own: choose another")
	case strings.ContainsAny(name, "*? \t\"\\"):
		f.wrong(path, "a field's name has no spaces, quotes, * or ?")
	default:
		for i := range len(parts) - 1 {
			parent := strings.Join(parts[:i+1], ".")
			if above, ok := c.Fields[parent]; ok && above.Type != "object" && above.Type != "nested" && above.Type != "" {
				f.wrong(path, "%s is of type %s and cannot hold fields: make it an object or nested, or rename one", parent, above.Type)
			}
		}
	}
}
