package docs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	title  = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	fence  = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	code   = regexp.MustCompile("`[^`\n]*`")
	inSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// prose is a page without what it shows as code, where brackets are no links.
func prose(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return fence.ReplaceAllString(string(text), "")
}

// anchors are a page's headings as GitHub names them.
func anchors(t *testing.T, path string) map[string]bool {
	t.Helper()
	known, times := map[string]bool{}, map[string]int{}
	for _, h := range title.FindAllStringSubmatch(prose(t, path), -1) {
		slug := strings.ReplaceAll(inSlug.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")
		if n := times[slug]; n > 0 {
			known[fmt.Sprintf("%s-%d", slug, n)] = true
		}
		times[slug]++
		known[slug] = true
	}
	return known
}

func pages(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".md") {
			all = append(all, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	links := 0
	for _, page := range pages(t) {
		for _, l := range link.FindAllStringSubmatch(code.ReplaceAllString(prose(t, page), ""), -1) {
			if strings.Contains(l[1], "://") {
				continue
			}
			links++
			file, anchor, _ := strings.Cut(l[1], "#")
			target := page
			if file != "" {
				target = filepath.Join(filepath.Dir(page), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s: there is no such file", page, l[1])
			} else if anchor != "" && !anchors(t, target)[anchor] {
				t.Errorf("%s: %s: %s has no such heading", page, l[1], target)
			}
		}
	}
	if links < 50 {
		t.Fatalf("found %d links", links)
	}
}
