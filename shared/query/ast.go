package query

import "strings"

// Node is a parsed q. String prints it so that parsing the print gives the same tree.
type Node interface {
	String() string
}

type (
	// And matches what all of its nodes match.
	And []Node
	// Or matches what any of its nodes matches.
	Or []Node
	// Not matches everything that Node does not.
	Not struct{ Node Node }
	// All matches everything.
	All struct{}
	// Exists matches documents that have a value in Field.
	Exists struct{ Field Name }
	// Term matches Text in Field, or in the default fields if it has no name.
	// Wild is what of * and ? followed the text, unescaped.
	Term struct {
		Field Name
		Text  string
		Wild  string
		At    int // position of the value
	}
	// Range matches values between two bounds; a nil bound is open.
	Range struct {
		Field  Name
		Lo, Hi *Bound
	}
)

// Name is a field's name and where it was written.
type Name struct {
	Text string
	At   int
}

// Bound is one end of a Range.
type Bound struct {
	Text      string
	Inclusive bool
	At        int
}

func (n And) String() string    { return join(n, " AND ") }
func (n Or) String() string     { return join(n, " OR ") }
func (n Not) String() string    { return "NOT " + group(n.Node) }
func (All) String() string      { return "*" }
func (n Exists) String() string { return n.Field.String() + "*" }

func (n Name) String() string {
	if n.Text == "" {
		return ""
	}
	return escape(n.Text) + ":"
}

func (n Term) String() string {
	if n.Wild != "" {
		return n.Field.String() + escape(n.Text) + n.Wild
	}
	return n.Field.String() + quote(n.Text)
}

func (n Range) String() string {
	open, lo, hi, end := "[", "*", "*", "]"
	if n.Lo != nil {
		lo = quote(n.Lo.Text)
		if !n.Lo.Inclusive {
			open = "{"
		}
	}
	if n.Hi != nil {
		hi = quote(n.Hi.Text)
		if !n.Hi.Inclusive {
			end = "}"
		}
	}
	return n.Field.String() + open + lo + " TO " + hi + end
}

func join(nodes []Node, operator string) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = group(n)
	}
	return strings.Join(parts, operator)
}

func group(n Node) string {
	switch n.(type) {
	case And, Or:
		return "(" + n.String() + ")"
	}
	return n.String()
}

func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// escape writes text as a bare word.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		if special(r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
