package query

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-dev/sluice/shared/raw"
)

// keys are the members that an object may have, and who reads each.
type keys map[string]func(*value)

// wrong notes a mistake at v; of very many only the first are told.
func (b *bodyReader) wrong(v *value, format string, args ...any) {
	if len(b.mistakes) >= maxMistakes {
		return
	}
	path := v.path()
	if path == "" {
		path = "body"
	}
	b.mistakes = append(b.mistakes, *in(path, format, args...))
}

// members reads an object by its keys. Reasons say why other names are refused.
func (b *bodyReader) members(v *value, known keys, reasons map[string]string) {
	if v.kind != raw.Object {
		b.wrong(v, "is %s, not an object", v.describe())
		return
	}
	for _, m := range v.members {
		if read, ok := known[m.name]; ok {
			read(m)
		} else if len(b.mistakes) < maxMistakes {
			b.unknown(m, slices.Sorted(maps.Keys(known)), reasons)
		}
	}
}

func (b *bodyReader) unknown(v *value, known []string, reasons map[string]string) {
	if reason, ok := reasons[v.name]; ok {
		b.wrong(v, "not supported: %s", reason)
	} else if near := Nearest(v.name, known); near != "" {
		b.wrong(v, "unknown; did you mean %s?", near)
	} else if len(known) == 0 {
		b.wrong(v, "unknown: nothing goes here")
	} else {
		b.wrong(v, "unknown; here go %s", strings.Join(known, ", "))
	}
}

// only is the one member of an object.
func (b *bodyReader) only(v *value, what string) (*value, bool) {
	if v.kind != raw.Object || len(v.members) != 1 {
		got := v.describe()
		if v.kind == raw.Object {
			got = []string{"empty", "an object of several names"}[min(len(v.members), 1)]
		}
		b.wrong(v, "is %s: write an object with one name, %s", got, what)
		return nil, false
	}
	return v.members[0], true
}

// list is an array's elements, or the value itself as the only one.
func (v *value) list() []*value {
	if v.kind == raw.Array {
		return v.items
	}
	return []*value{v}
}

func (b *bodyReader) text(v *value, most int) (string, bool) {
	if v.kind != raw.String {
		b.wrong(v, "is %s, not a string", v.describe())
		return "", false
	}
	if len([]rune(v.text)) > most {
		b.wrong(v, "is longer than %d characters", most)
		return "", false
	}
	return v.text, true
}

// word is one of the words allowed.
func (b *bodyReader) word(v *value, allowed ...string) (string, bool) {
	if v.kind == raw.String && slices.Contains(allowed, v.text) {
		return v.text, true
	}
	b.wrong(v, "is none of %s", strings.Join(allowed, ", "))
	return "", false
}

func (b *bodyReader) flag(v *value) (bool, bool) {
	if v.kind != 't' && v.kind != 'f' {
		b.wrong(v, "is neither true nor false")
		return false, false
	}
	return v.text == "true", true
}

func (b *bodyReader) integer(v *value, lowest, highest int) (int, bool) {
	n, err := strconv.Atoi(v.text)
	if err != nil || v.kind != raw.Number || n < lowest || n > highest {
		b.wrong(v, "is not a whole number from %d to %d", lowest, highest)
		return 0, false
	}
	return n, true
}

// number keeps the digits that were written.
func (b *bodyReader) number(v *value) (json.RawMessage, bool) {
	_, err := strconv.ParseFloat(v.text, 64)
	if err != nil || v.kind != raw.Number || !decimal.MatchString(v.text) || len(v.text) > 64 {
		b.wrong(v, "is not a number")
		return nil, false
	}
	return json.RawMessage(v.text), true
}

func (b *bodyReader) positive(v *value) (json.RawMessage, bool) {
	n, ok := b.number(v)
	if ok && strings.HasPrefix(v.text, "-") {
		b.wrong(v, "is negative")
		return nil, false
	}
	return n, ok
}

// put adds to an object what can be read of v, under v's own name.
func put[T any](to object, v *value, read func(*value) (T, bool)) {
	if got, ok := read(v); ok {
		to[v.name] = got
	}
}

// These read one member into an object.
func (b *bodyReader) boost(to object) func(*value) {
	return func(v *value) { put(to, v, b.positive) }
}

func (b *bodyReader) flagOf(to object) func(*value) {
	return func(v *value) { put(to, v, b.flag) }
}

func (b *bodyReader) wordOf(to object, allowed ...string) func(*value) {
	return func(v *value) { put(to, v, func(v *value) (string, bool) { return b.word(v, allowed...) }) }
}

func (b *bodyReader) integerOf(to object, lowest, highest int) func(*value) {
	return func(v *value) { put(to, v, func(v *value) (int, bool) { return b.integer(v, lowest, highest) }) }
}

func (b *bodyReader) textOf(to object, most int) func(*value) {
	return func(v *value) { put(to, v, func(v *value) (string, bool) { return b.text(v, most) }) }
}

var minimum = regexp.MustCompile(`^(\d{1,4}<)?-?\d{1,4}%?( \d{1,4}<-?\d{1,4}%?)*$`)

// minimumOf reads minimum_should_match: 2, -1, "75%", "2<75% 9<-3".
func (b *bodyReader) minimumOf(to object) func(*value) {
	return func(v *value) {
		if !v.scalar() || len(v.text) > 100 || !minimum.MatchString(v.text) {
			b.wrong(v, `is none: write a number such as 2 or -1, a percentage such as "75%%", or "2<75%%"`)
			return
		}
		to[v.name] = v.text
	}
}
