package line

// pairs are keys with their values, each key once, in the line's order.
type pairs struct {
	all    []pair
	places map[string]int // of a key in all
}

type pair struct {
	key    string
	values [][]byte
}

func (p *pairs) add(key string, value []byte) {
	i, had := p.places[key]
	if !had {
		if p.places == nil {
			p.places = map[string]int{}
		}
		i = len(p.all)
		p.places[key], p.all = i, append(p.all, pair{key: key})
	}
	p.all[i].values = append(p.all[i].values, value)
}

// pair keeps what is empty too: the line itself is not kept.
func (e *event) pair(p pair) {
	e.attributes = named(e.attributes, p.key)
	if len(p.values) == 1 {
		e.attributes = quoted(e.attributes, p.values[0])
		return
	}
	for i, v := range p.values {
		e.attributes = quoted(append(e.attributes, "[,"[min(i, 1)]), v)
	}
	e.attributes = append(e.attributes, ']')
}
