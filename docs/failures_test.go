package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	declared = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	named    = regexp.MustCompile("`(Test\\w+)`")
)

// declaredTests are all tests of the repository by name.
func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	tests := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == ".local" || d.Name() == ".git" || d.Name() == ".aws-sam") {
			return skip(err)
		}
		if strings.HasSuffix(path, "_test.go") {
			text, err := os.ReadFile(path)
			for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
				tests[m[1]] = true
			}
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}

func skip(err error) error {
	if err != nil {
		return err
	}
	return filepath.SkipDir
}

func TestEveryRowOfTheFailureTableIsATest(t *testing.T) {
	text, err := os.ReadFile("architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "## Failure table")
	if rows := provedRows(t, table, "| what"); !found || rows < 40 {
		t.Errorf("%d rows were read", rows)
	}
}

func TestEveryRowOfTheFeatureTablesIsATest(t *testing.T) {
	text, err := os.ReadFile("features.md")
	if err != nil {
		t.Fatal(err)
	}
	if rows := provedRows(t, string(text), "| |", "| reported", "| trap"); rows < 40 {
		t.Errorf("%d rows were read", rows)
	}
}

// provedRows counts the rows of tables but their headings, each of which has to name
// tests that there are.
func provedRows(t *testing.T, tables string, headings ...string) (rows int) {
	t.Helper()
	tests := declaredTests(t)
	for line := range strings.Lines(tables) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| **") || heading(line, headings) {
			continue
		}
		rows++
		names := named.FindAllStringSubmatch(line, -1)
		if len(names) == 0 {
			t.Errorf("a row names no test: %s", line)
		}
		for _, m := range names {
			if !tests[m[1]] {
				t.Errorf("there is no %s, which the table names: %s", m[1], line)
			}
		}
	}
	return rows
}

func heading(line string, headings []string) bool {
	for _, h := range headings {
		if strings.HasPrefix(line, h) {
			return true
		}
	}
	return false
}
