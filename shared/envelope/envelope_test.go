package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/golden"
)

// Each testdata/<dialect>/x.json is {"value": message}, as a connector made it unless
// it has a note; x.json.golden is what we make of it.
func TestEveryMessageIsReadAsItsGolden(t *testing.T) {
	for _, dialect := range dialects {
		name := dialect.name
		files, err := filepath.Glob("testdata/" + name + "/*.json")
		if err != nil || len(files) == 0 {
			t.Errorf("dialect %s has no messages in testdata", name)
		}
		for _, file := range files {
			t.Run(file, func(t *testing.T) {
				golden.Check(t, file+".golden", story(valueOf(t, file), name))
			})
		}
	}
}

func TestEveryMessageIsKnownByItsShape(t *testing.T) {
	files, _ := filepath.Glob("testdata/*/*.json")
	for _, file := range files {
		value, dialect := valueOf(t, file), filepath.Base(filepath.Dir(file))
		m, ok := Open(value, "")
		tombstone := string(value) == "null" || bytes.Contains(value, []byte(`"payload": null`))
		if ok == tombstone || ok && m.Dialect != dialect {
			t.Errorf("%s: taken for %q (%v)", file, m.Dialect, ok)
		}
	}
}

func valueOf(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var wrapped struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(text, &wrapped); err != nil {
		t.Fatal(err)
	}
	return wrapped.Value
}

// story is what we make of a message, one line a thing.
func story(value []byte, declared string) string {
	m, ok := Open(value, declared)
	if !ok {
		return "no envelope\n"
	}
	rows, err := m.Rows(nil)
	var b strings.Builder
	fmt.Fprintf(&b, "table %q", m.Table)
	if m.Skip != "" {
		fmt.Fprintf(&b, " skipped: %s", m.Skip)
	}
	b.WriteByte('\n')
	if err != nil {
		fmt.Fprintf(&b, "flaw %v\n", err)
	}
	for _, r := range rows {
		if r.Flaw != nil {
			fmt.Fprintf(&b, "flaw %v\n", r.Flaw)
			continue
		}
		fmt.Fprintf(&b, "%s version %d ties %v time %s missing %q blanks %d\n", r.Op, r.Version, r.Ties, r.Time.Format("2006-01-02T15:04:05.999999Z07:00"), r.Missing, r.Blanks)
		fmt.Fprintf(&b, "  %s\n", r.Document)
		if r.Before != nil {
			fmt.Fprintf(&b, "  was %s\n", r.Before)
		}
	}
	return b.String()
}

func FuzzOpen(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*.json")
	for _, file := range files {
		f.Add(valueOf(f, file), uint8(0))
	}
	declared := []string{""}
	for _, dialect := range dialects {
		declared = append(declared, dialect.name)
	}
	columns := Columns{"total": {Form: Decimal, Scale: 2}, "d": {Form: ForDate}, "ubig": {Form: ForUnsigned}, "doc": {JSON: true}, "raw": {Form: ForNumber}}
	f.Fuzz(func(t *testing.T, text []byte, which uint8) {
		m, ok := Open(text, declared[int(which)%len(declared)])
		if !ok {
			return
		}
		rows, err := m.Rows(columns)
		if _, flaw := errors.AsType[*Flaw](err); err != nil && !flaw && json.Valid(text) {
			t.Errorf("not a flaw: %v", err)
		}
		for _, r := range rows {
			valid := json.Valid(text) && err == nil
			if valid && r.Flaw == nil && (!json.Valid(r.Document) || r.Before != nil && !json.Valid(r.Before)) {
				t.Errorf("not JSON: %s", r.Document)
			}
			if r.Version < change.NoVersion || r.Op != change.Index && r.Op != change.Delete {
				t.Errorf("version %d op %s", r.Version, r.Op)
			}
			if slices.Contains(r.Missing, "") && !bytes.Contains(text, []byte(placeholder)) {
				t.Errorf("missing %q", r.Missing)
			}
		}
	})
}
