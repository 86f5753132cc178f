package lambda

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// grouped is an event whose records lie in named groups, in the order in which the groups
// began, bounded by what an invocation may carry.
type grouped struct {
	head  string // the event up to its groups
	names []string
	lists map[string][][]byte
	size  int
}

// add appends a record; false if it would make the event too large. The first always fits.
func (g *grouped) add(group string, record []byte) bool {
	more := len(record) + 1
	if g.lists[group] == nil {
		more += len(group) + len(`"":[],`)
	}
	if len(g.names) > 0 && len(g.head)+g.size+more+len("{}}") > lambdatest.MaxPayload {
		return false
	}
	if g.lists == nil {
		g.lists = map[string][][]byte{}
	}
	if g.lists[group] == nil {
		g.names = append(g.names, group)
	}
	g.lists[group] = append(g.lists[group], record)
	g.size += more
	return true
}

func (g *grouped) payload() []byte {
	var out bytes.Buffer
	out.WriteString(g.head)
	for i, name := range g.names {
		out.WriteString([]string{"{", ","}[min(i, 1)])
		out.Write(encode(name))
		out.WriteString(":[")
		out.Write(bytes.Join(g.lists[name], []byte(",")))
		out.WriteByte(']')
	}
	out.WriteString("}}")
	return out.Bytes()
}

// bytesOf is bytes as Java writes them: numbers with a sign.
func bytesOf(value []byte) json.RawMessage {
	signed := make([]int8, len(value))
	for i, b := range value {
		signed[i] = int8(b) //nolint:gosec // 255 is -1
	}
	return encode(signed)
}

// from is the batch from the given place of each group on; groups that are not named are done.
func from[T any](batch []T, place func(T) (group string, at int64), first map[string]int64) []T {
	return slices.DeleteFunc(slices.Clone(batch), func(item T) bool {
		group, at := place(item)
		least, named := first[group]
		return !named || at < least
	})
}
