package mapping

import "strconv"

// Misfit is a value that a rule cannot convert. It does not hold the value.
type Misfit struct {
	Field string // by the name that results
	Kind  string // the value's type: "a string", "an object"
	Rule  string // such as "type: integer"
}

func (m *Misfit) Error() string {
	return "rule " + m.Rule + " cannot convert field " + strconv.Quote(m.Field) + ", which is " + m.Kind
}

// Mistake is a rule that cannot be right, at a dotted key of its set.
type Mistake struct{ Path, Text string }
