package mapping

import "strings"

// Compile makes a Mapper of a rule set, or tells all that is wrong with it. Key is that
// of the hashes; without one, a rule that hashes fits no value.
func Compile(rules Rules, key string) (*Mapper, []Mistake) {
	if wrong := check(rules); len(wrong) > 0 {
		return nil, wrong
	}
	return newBuilder(rules, key).build(), nil
}

// Hashes says whether a rule needs a key.
func (r *Rules) Hashes() bool {
	for _, redact := range r.Redact {
		if redact.Hash != "" {
			return true
		}
	}
	return false
}

type builder struct {
	rules Rules
	key   string
	m     *Mapper
}

func newBuilder(rules Rules, key string) *builder {
	m := &Mapper{names: &name{}, fields: newField("", nil), style: styles[rules.Case], slots: 1}
	m.fields.slot = 0
	m.passes.New = m.newPass
	return &builder{rules, key, m}
}

func (b *builder) build() *Mapper {
	b.naming()
	b.values()
	b.m.formula = newFormula(b.rules.Expr)
	return b.m
}

// target is a field that values may be placed into.
func (b *builder) target(path string) *field {
	f := b.m.fields.at(path)
	for parent := f.parent; parent.slot < 0; parent = parent.parent {
		parent.slot = b.m.slots
		b.m.slots++
	}
	return f
}

func (b *builder) naming() {
	for _, path := range b.rules.Drop {
		b.m.names.at(path).drop = true
	}
	for _, path := range b.rules.Verbatim {
		b.m.names.at(path).verbatim = true
	}
	for from, to := range b.rules.Rename {
		b.m.names.at(from).to = b.target(to)
	}
	for path, join := range b.rules.Flatten {
		n := b.m.names.at(path)
		n.flat = true
		if join != "none" {
			n.join = join
		}
	}
}

func (b *builder) values() {
	for _, to := range sorted(b.rules.Copy) {
		f := b.m.fields.at(b.rules.Copy[to])
		f.copies = append(f.copies, b.target(to))
	}
	for _, path := range sorted(b.rules.Split) {
		rule := b.rules.Split[path]
		s := &splitter{by: []byte(rule.By)}
		for _, to := range rule.Into {
			s.into = append(s.into, b.target(to))
		}
		b.m.fields.at(path).split = s
	}
	for path, table := range b.rules.Enum {
		values := make(map[string][]byte, len(table))
		for from, to := range table {
			values[from] = to
		}
		b.step(path, "enum", enum(values))
	}
	for path, kind := range b.rules.Type {
		b.step(path, "type: "+kind, types[kind])
	}
	for path, formats := range b.rules.Date {
		b.step(path, "date: "+strings.Join(formats, ", "), toDate(formats))
	}
	for path, r := range b.rules.Redact {
		if r.Hash != "" {
			b.step(path, "redact: "+r.Hash, digest(r.Hash, b.key))
		} else {
			b.step(path, "redact: mask", r.mask)
		}
	}
	for _, path := range sorted(b.rules.Default) {
		f := b.target(path)
		f.preset = len(b.m.presets)
		f.parent.fills = append(f.parent.fills, f.preset)
		b.m.presets = append(b.m.presets, preset{f, b.rules.Default[path]})
	}
}

var types = map[string]func(dst, value []byte) ([]byte, bool){
	"string":  func(dst, value []byte) ([]byte, bool) { return quote(dst, text(value)), true },
	"integer": toInteger, "decimal": toDecimal, "boolean": toBoolean,
}

func (b *builder) step(path, rule string, do func(dst, value []byte) ([]byte, bool)) {
	f := b.m.fields.at(path)
	f.steps = append(f.steps, step{rule, do})
}
