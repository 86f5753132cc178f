package page

import (
	"regexp"
	"strings"
	"testing"
)

// figures reads the statistics of the field that is open.
func (b *tab) figures() map[string]string {
	b.Helper()
	return eval[map[string]string](b, `Object.fromEntries([...document.querySelectorAll(".stats div")].map(d => [d.querySelector("dt").innerText, d.querySelector("dd").innerText]))`)
}

func TestPageShowsAFieldsStatisticsBesideItsTopValues(t *testing.T) {
	b := newTab(t)
	b.open("?collection=orders")
	b.click(`li[data-field="number"] a.values`)
	b.wait(`document.querySelectorAll(".top li").length === 5`)
	got := b.figures()
	for name, want := range map[string]string{"lowest": "9007199254740993", "highest": "9007199254740997", "distinct": "5", "missing": "0"} {
		if got[name] != want {
			t.Errorf("%s: %s, want %s", name, got[name], want)
		}
	}
	for _, name := range []string{"average", "median", "1 %", "5 %", "25 %", "75 %", "95 %", "99 %"} {
		if !strings.HasPrefix(got[name], "90071992547409") {
			t.Errorf("%s: %s", name, got[name])
		}
	}
	b.open("?collection=orders&values=total") // 40.5, 53.5, 66.5, 79.5, 92.5
	if got := b.figures(); got["lowest"] != "40.5" || got["average"] != "66.5" || got["highest"] != "92.5" || got["median"] != "66.5" {
		t.Error(got)
	}
	b.open("?collection=orders&values=updated_at")
	moment := regexp.MustCompile(`^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$`)
	for _, name := range []string{"lowest", "average", "median", "highest", "99 %"} {
		if got := b.figures()[name]; !moment.MatchString(got) {
			t.Errorf("%s: %s", name, got)
		}
	}
	b.open("?collection=orders&values=status&filter=status:paid")
	if got := b.figures(); len(got) != 2 || got["distinct"] != "1" || got["missing"] != "0" {
		t.Error(got)
	}
	b.open("?collection=logs&values=exception.type&since=1h")
	b.shows(".top", "TimeoutError")
	missing, has := b.figures()["missing"], eval[string](b, `document.querySelector(".top .n").innerText`)
	b.follow(`.top p a[href*="NOT"]`)
	if got, _, _ := strings.Cut(b.text(".count"), " "); got != missing || got == has {
		t.Errorf("%s documents lack it, %s are said to", got, missing)
	}
	b.quiet()
}
