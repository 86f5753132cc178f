package collection

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Mistake is one thing that is wrong in one place, and the way to put it right.
type Mistake struct {
	File string
	Line int // 0: the file as a whole
	Text string
}

func (m Mistake) Error() string {
	if m.Line == 0 {
		return m.File + ": " + m.Text
	}
	return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text)
}

// Collection is the one that the file is meant for, by the file's name.
func (m Mistake) Collection() string {
	base := path.Base(m.File)
	return strings.TrimSuffix(base, path.Ext(base))
}

// Mistakes are all mistakes of all files, sorted by file and line. It is what Load's
// error is: errors.AsType[Mistakes] tells which files are not to be relied on.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Files names the files that have mistakes, sorted.
func (m Mistakes) Files() []string {
	var files []string
	for _, one := range m {
		files = append(files, one.File)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

func (m Mistakes) sorted() Mistakes {
	slices.SortFunc(m, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(m)
}
