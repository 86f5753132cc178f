package rotation

import "strings"

// Mistake is one thing wrong in an index block. Path leads to its key below
// `index:`, so that the reader of the file can add the line.
type Mistake struct {
	Path []string // {"rollover", "max_age"}; empty: the block itself
	Text string   // what is wrong, and what to write instead
}

// Mistakes is all that is wrong in one index block: the error of Build.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = strings.Join(append([]string{"index"}, one.Path...), ".") + ": " + one.Text
	}
	return strings.Join(lines, "\n")
}

// add notes what is wrong with the key at the dotted path.
func (m *Mistakes) add(path, text string) {
	*m = append(*m, Mistake{Path: strings.FieldsFunc(path, func(r rune) bool { return r == '.' }), Text: text})
}

// check notes err, if there is one.
func (m *Mistakes) check(path string, err error) {
	if err != nil {
		m.add(path, err.Error())
	}
}
