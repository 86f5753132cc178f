package collection

import (
	"maps"
	"slices"

	"github.com/sluice-dev/sluice/shared/line"
)

func (f *file) checkLines(c *Collection) {
	known := append(line.Names(), slices.Sorted(maps.Keys(c.Grok))...)
	for i, name := range c.Lines {
		if !slices.Contains(known, name) {
			f.wrong(index("lines", i), "%q is not possible: %s", name, suggest(name, known))
		}
	}
	if i := slices.Index(c.Lines, "text"); i >= 0 && i < len(c.Lines)-1 {
		f.wrong("lines", "text takes any line, so %s is never tried: put text last", c.Lines[i+1])
	}
	f.checkGrok(c)
}

func (f *file) checkGrok(c *Collection) {
	for _, name := range slices.Sorted(maps.Keys(c.Grok)) {
		path := join("grok", name)
		if _, taken := line.Named(name); taken {
			f.wrong(path, "%s is a format already: choose another name", name)
			continue
		}
		if !slices.Contains(c.Lines, name) {
			continue // a part of others
		}
		if _, err := line.Grok(c.Grok[name], c.Grok); err != nil {
			f.wrong(path, "%v", err)
		}
	}
}

// compileLines are the formats of the collection's lines, those of JSON apart. Load has
// checked them.
func compileLines(c *Collection) (plain, ofJSON []line.Format) {
	for _, name := range c.Lines {
		format, known := line.Named(name)
		if !known {
			var err error
			if format, err = line.Grok(c.Grok[name], c.Grok); err != nil {
				continue
			}
		}
		if line.OfJSON(name) {
			ofJSON = append(ofJSON, format)
			continue
		}
		plain = append(plain, format)
	}
	return plain, ofJSON
}
