package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// exampleKey is the key of the hashes in examples: they come out alike everywhere, and
// reading the rules needs no secret.
const exampleKey = "example"

// Verify compiles a rule set and runs its examples: all that is wrong with it.
func Verify(rules Rules) []Mistake {
	m, wrong := Compile(rules, exampleKey)
	if len(wrong) > 0 {
		return wrong
	}
	for i, example := range rules.Examples {
		path := fmt.Sprintf("examples[%d]", i)
		if (example.Want == nil) == (example.Fails == "") {
			wrong = append(wrong, Mistake{path, "has a result or none: give one of want and fails"})
			continue
		}
		if example.Input[0] != '{' {
			wrong = append(wrong, Mistake{path + ".input", "is no document: give fields and their values"})
			continue
		}
		for _, d := range m.try(example) {
			wrong = append(wrong, Mistake{path + d.Path, d.Text})
		}
	}
	return wrong
}

// try is what the example shows that is not so.
func (m *Mapper) try(example Example) []Mistake {
	got, err := m.Apply(example.Input)
	misfit, isMisfit := errors.AsType[*Misfit](err)
	switch {
	case isMisfit && misfit.Field == example.Fails:
		return nil
	case err != nil:
		return []Mistake{{".input", "comes to nothing: " + err.Error()}}
	case example.Fails != "":
		return []Mistake{{".fails", "nothing fails, the rules make " + string(got) + " of the input"}}
	}
	var diff differences
	diff.compare(".want", value(example.Want), value(got))
	return diff
}

func value(text []byte) any {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	_ = d.Decode(&v) // both were read before
	return v
}

// differences are between two documents, field by field.
type differences []Mistake

func (d *differences) compare(path string, want, got any) {
	wantFields, isObject := want.(map[string]any)
	gotFields, too := got.(map[string]any)
	if !isObject || !too {
		if w, g := show(want), show(got); w != g {
			d.say(path, "the rules make %s of the input, not %s", g, w)
		}
		return
	}
	for _, name := range slices.Sorted(maps.Keys(wantFields)) {
		if _, there := gotFields[name]; there {
			d.compare(path+"."+name, wantFields[name], gotFields[name])
		} else {
			d.say(path+"."+name, "the rules make no such field")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(gotFields)) {
		if _, there := wantFields[name]; !there {
			d.say(path+"."+name, "is not wanted, but the rules make it: %s", show(gotFields[name]))
		}
	}
}

func (d *differences) say(path, format string, args ...any) {
	*d = append(*d, Mistake{path, fmt.Sprintf(format, args...)})
}

func show(v any) string {
	text, _ := encoded(v) // it was decoded
	return string(text)
}

func encoded(v any) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}
