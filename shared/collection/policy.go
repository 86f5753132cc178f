package collection

import (
	"errors"
	"strings"

	"github.com/sluice-dev/sluice/shared/rotation"
)

// build makes the policy of the index block. Rotation knows which keys are wrong, the
// file on which lines they are.
func (f *file) build(c *Collection) {
	mapping, err := c.mapping()
	if err != nil {
		f.wrong("fields", "a mapping cannot be written as JSON: %v", err)
		return
	}
	name := c.Name
	if !nameRule.MatchString(name) { // told already; the rest of the block is still checked
		name = "unnamed"
	}
	c.Policy, err = rotation.Build(name, c.Index, mapping)
	wrong, _ := errors.AsType[rotation.Mistakes](err)
	for _, m := range wrong {
		if path := strings.Join(append([]string{"index"}, m.Path...), "."); !f.toldNear(path) {
			f.wrong(path, "%s", m.Text)
		}
	}
}

// toldNear says whether a mistake of the key, of a block around it, or of a key in it
// is told already: what follows from that one would only confuse.
func (f *file) toldNear(path string) bool {
	for told := range f.told {
		if told == path || strings.HasPrefix(path, told+".") || strings.HasPrefix(told, path+".") {
			return true
		}
	}
	return false
}
