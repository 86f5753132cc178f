package query

import (
	"fmt"
	"strings"
)

// Mistake is one thing wrong with a request.
type Mistake struct {
	Parameter string
	Position  int // characters before the mistake in the parameter's value; -1: the whole value
	Text      string
	Meant     string // the name that was probably meant; empty: none is near
}

// Mistakes is all that is wrong with a request; as an error, a fault of the caller.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "; ")
}

func (m Mistake) Error() string {
	if m.Position < 0 {
		return m.Parameter + ": " + m.Text
	}
	return fmt.Sprintf("%s, position %d: %s", m.Parameter, m.Position, m.Text)
}

// wrong is a mistake in a text whose parameter the caller adds.
func wrong(position int, format string, args ...any) *Mistake {
	m := &Mistake{Position: position, Text: fmt.Sprintf(format, args...)}
	for _, one := range args {
		if u, ok := one.(unknown); ok {
			m.Meant = u.near
		}
	}
	return m
}

func (m *Mistake) in(parameter string) Mistake {
	m.Parameter = parameter
	return *m
}
