package collection

import (
	"slices"
	"strings"

	"github.com/sluice-dev/sluice/shared/mapping"
)

// checkMapping compiles each rule set and runs its examples. Mapping knows which keys
// are wrong, the file on which lines they are.
func (f *file) checkMapping(c *Collection) {
	for i, rules := range c.Mapping {
		path := index("mapping", i)
		if f.toldNear(path) {
			continue // what follows from a key that could not be read would only confuse
		}
		for _, m := range mapping.Verify(rules) {
			f.wrong(strings.TrimSuffix(path+"."+m.Path, "."), "%s", m.Text)
		}
		f.checkRedacted(c, path, rules)
	}
}

// checkRedacted keeps apart what a collection's own fields must keep apart.
func (f *file) checkRedacted(c *Collection, path string, rules mapping.Rules) {
	for name, redact := range rules.Redact {
		key := path + ".redact." + name
		switch {
		case slices.Contains(c.ID.Fields, name) && redact.Hash == "":
			f.wrong(key, "the id is made of %s, and a mask makes one of many ids: hash it", name)
		case c.Time != nil && c.Time.Field == name, c.Version != nil && c.Version.Field == name, c.Op != nil && c.Op.Field == name:
			f.wrong(key, "the time, the version and the op are read from what a field says: %s cannot be redacted", name)
		}
	}
}
