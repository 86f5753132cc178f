package raw

import "bytes"

// names are those seen in the objects that are open, to find one that comes twice.
type names struct {
	seen    [][]byte // of all open objects, the innermost last
	objects []object
}

type object struct {
	first int             // in seen
	many  map[string]bool // once they are too many to be compared one by one
}

const few = 32

func (n *names) reset() { n.seen, n.objects = n.seen[:0], n.objects[:0] }

func (n *names) open() { n.objects = append(n.objects, object{first: len(n.seen)}) }

func (n *names) shut() {
	last := len(n.objects) - 1
	n.seen = n.seen[:n.objects[last].first]
	n.objects[last].many = nil
	n.objects = n.objects[:last]
}

// add is false if the innermost object has the name.
func (n *names) add(name []byte) bool {
	o := &n.objects[len(n.objects)-1]
	if o.many != nil {
		had := o.many[string(name)]
		o.many[string(name)] = true
		return !had
	}
	for _, other := range n.seen[o.first:] {
		if bytes.Equal(other, name) {
			return false
		}
	}
	n.seen = append(n.seen, name)
	if len(n.seen)-o.first > few {
		o.many = make(map[string]bool, 4*few)
		for _, other := range n.seen[o.first:] {
			o.many[string(other)] = true
		}
	}
	return true
}
