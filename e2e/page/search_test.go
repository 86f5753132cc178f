package page

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestPageSearchesACollectionForWords(t *testing.T) {
	b := newTab(t)
	b.open("")
	b.do(chromedp.SetValue(chromedp.CSS("select[name=collection]"), "logs"), chromedp.SendKeys(chromedp.CSS("#q"), "timed out"))
	b.follow(".go")
	b.shows(".count", "documents")
	if n := b.count("tr.row"); n != 50 {
		t.Errorf("%d rows", n)
	}
	if got := b.address(); !strings.Contains(got, "collection=logs") || !strings.Contains(got, "q=timed out") {
		t.Error(got)
	}
	if n := b.count("tr.row mark"); n < 100 { // both words of each document
		t.Errorf("%d marks", n)
	}
	first := eval[string](b, `document.querySelector("tr.row").dataset.id`)
	b.follow(".next a")
	if b.count(`tr.row[data-id="`+first+`"]`) != 0 || b.count("tr.row") != 50 {
		t.Error("the next page shows the same")
	}
	b.quiet()
}

func TestPageCompletesWhatIsTyped(t *testing.T) {
	b := newTab(t)
	b.open("?collection=logs")
	b.click("#q")
	b.press("sever")
	b.wait(`document.querySelectorAll("#suggestions [role=option]").length > 0`)
	for i := range 5 {
		b.press(kb.ArrowDown)
		if b.text("#suggestions [aria-selected=true] b") == "severity_text:" {
			break
		} else if i == 4 {
			t.Fatal(b.text("#suggestions"))
		}
	}
	if id := eval[string](b, `document.querySelector("#q").getAttribute("aria-activedescendant")`); !strings.HasPrefix(id, "option-") {
		t.Error(id)
	}
	b.enter()
	b.wait(`document.querySelector("#q").value.startsWith("severity_text:")`)
	b.press("ERR")
	b.wait(`[...document.querySelectorAll("#suggestions b")].some(o => o.textContent.includes("ERROR"))`)
	b.click("#suggestions [role=option]")
	b.wait(`document.querySelector("#q").value.includes("severity_text:ERROR")`)
	b.press(kb.Escape)
	b.click("#q")
	b.leave(func() { b.enter() })
	b.wait(`document.querySelectorAll("tr.row mark").length >= 50 && location.search.includes("q=severity_text%3AERROR")`)
	b.quiet()
}

func TestPageShowsWhereTheMistakeIs(t *testing.T) {
	b := newTab(t)
	b.open("?collection=logs&q=service.name:x+AND+levl:y")
	if got := b.text("#mistake-q code"); got != "service.name:x AND levl:y" || b.text("#mistake-q mark") != "l" {
		t.Error(got)
	}
	if eval[string](b, `document.querySelector("#q").getAttribute("aria-describedby")`) != "mistake-q" {
		t.Error("the field does not say what is wrong with it")
	}
	b.quiet("status of 400")
}

func TestPageChoosesATime(t *testing.T) {
	b := newTab(t)
	b.open("?collection=logs&q=timed")
	b.click("#time summary")
	b.follow(`#time button[value="15m"]`)
	if got := b.address(); !strings.Contains(got, "since=15m") || strings.Contains(got, "from=") {
		t.Error(got)
	}
	b.shows("#time summary", "Last 15 minutes")
	b.click("#time summary")
	at := stage.begun.Add(-30 * time.Minute)
	b.do(chromedp.SetValue(chromedp.CSS("input[name=from]"), at.Format("2006-01-02T15:04:05")))
	b.follow(`#time button[value="between"]`)
	if got := b.address(); !strings.Contains(got, "from="+at.Format("2006-01-02T15:04:05")) || strings.Contains(got, "since=") {
		t.Error(got)
	}
	if oldest := eval[string](b, `[...document.querySelectorAll("tr.row time")].map(t => t.textContent).sort()[0]`); oldest < at.Format("2006-01-02 15:04:05") {
		t.Errorf("%s is before %s", oldest, at)
	}
	b.quiet()
}

func TestPageShowsTheTimesOfTheBrowser(t *testing.T) {
	b := newTab(t)
	_, err := chromedp.Call(b.ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Kolkata"}) // +05:30
	b.must(err)
	b.open("?collection=paths&tz=local&from=2026-02-10T10:00:01&to=2026-02-10T10:00:03")
	if got := b.text("tr.row time"); got != "2026-02-10 15:30:02.000" || b.count("tr.row") != 2 {
		t.Error(got)
	}
	if got := eval[string](b, `document.querySelector("input[name=from]").value`); got != "2026-02-10T15:30:01" {
		t.Error(got)
	}
	b.follow(".go")
	if got := b.address(); !strings.Contains(got, "from=2026-02-10T10:00:01") || b.count("tr.row") != 2 {
		t.Error(got)
	}
	b.quiet()
}

func TestPageBrushesAPartOfTheTime(t *testing.T) {
	b := newTab(t)
	b.open("?collection=logs&since=1h")
	all := b.text(".count")
	type box struct{ X, Y, Width, Height float64 }
	at := eval[box](b, `(b => ({X: b.x, Y: b.y, Width: b.width, Height: b.height}))(document.querySelector("#chart svg").getBoundingClientRect())`)
	b.leave(func() {
		b.do(chromedp.DragAndDropXY(at.X+at.Width*0.5, at.Y+at.Height/2, at.X+at.Width*0.7, at.Y+at.Height/2))
	})
	got := b.address()
	if b.text(".count") == all || !strings.Contains(got, "from=") || !strings.Contains(got, "to=") {
		t.Error(got)
	}
	b.do(chromedp.Focus(chromedp.CSS("#chart")))
	b.press(kb.ArrowRight)
	b.press(kb.ArrowRight)
	b.press(kb.ArrowRight, chromedp.ModifierShift)
	said := b.text("#bar")
	n, _, _ := strings.Cut(said[strings.LastIndex(said, ": ")+2:], " ")
	b.leave(func() { b.enter() })
	b.shows(".count", n+" document")
	b.quiet()
}

func TestPageFiltersByTopValues(t *testing.T) {
	b := newTab(t)
	b.open("?collection=logs")
	b.click(`li[data-field="severity_text"] a.values`)
	b.wait(`document.querySelectorAll('li[data-field="severity_text"] .top li').length === 4`)
	n := eval[string](b, `[...document.querySelectorAll('li[data-field="severity_text"] .top li')].find(l => l.innerText.includes("WARN")).querySelector(".n").textContent`)
	b.follow(`.top a.for[href*="WARN"]`)
	b.shows(".count", n+" documents")
	b.shows(".filters", "severity_text:WARN")
	b.follow(".filters a")
	b.click(`li[data-field="severity_text"] a.values`)
	b.follow(`.top a.out[href*="INFO"]`)
	if got := eval[string](b, `document.querySelector("#q").value`); got != `NOT severity_text:"INFO"` {
		t.Error(got)
	}
	if strings.Contains(b.text("#documents"), "INFO") {
		t.Error("a value that was excluded is shown")
	}
	b.do(chromedp.SendKeys(chromedp.CSS("#find"), "exception"))
	b.wait(`[...document.querySelectorAll(".fields li[data-field]")].filter(l => !l.hidden).length === 3`)
	b.quiet()
}

// The case from the field: a value's own link finds exactly its row, whatever is in it.
func TestCase09PagesFilterGivesExactlyTheRowClicked(t *testing.T) {
	b := newTab(t)
	for note, value := range map[string]string{"one": `C:\temp\`, "two": "/api/v1/items", "three": "api", "four": `say "hi" * (1+1):[x]`} {
		for class, want := range map[string]int{"for": 1, "out": 3} {
			b.open("?collection=paths")
			b.click(`li[data-field="file.path"] a.values`)
			b.wait(`document.querySelectorAll(".top li").length === 4`)
			i := eval[int](b, `[...document.querySelectorAll(".top li")].findIndex(l => l.querySelector("bdi").textContent === `+quote(value)+`)`)
			b.follow(fmt.Sprintf(".top li:nth-child(%d) a.%s", i+1, class))
			if n, text := b.count("tr.row"), b.text("#documents"); n != want || strings.Contains(text, "note "+note) != (want == 1) {
				t.Errorf("%s %s: %d rows: %s at %s", class, value, n, text, b.address())
			}
		}
	}
	b.quiet()
}

func TestPageChoosesColumnsAndSortsByThem(t *testing.T) {
	b := newTab(t)
	b.open("?collection=orders")
	b.follow(`li[data-field="number"] a.column`)
	b.follow(`li[data-field="status"] a.column`)
	if got := b.address(); !strings.Contains(got, "columns=number,status") {
		t.Error(got)
	}
	b.follow(`th a[title="Sort by number"]`)
	column := `[...document.querySelectorAll("tr.row td:nth-child(3)")].map(c => c.innerText).join(" ")`
	if got := eval[string](b, column); got != "9007199254740997 9007199254740996 9007199254740995 9007199254740994 9007199254740993" {
		t.Error(got)
	}
	b.follow(`th a[title="Sort by number"]`)
	if got := eval[string](b, column); !strings.HasPrefix(got, "9007199254740993 9007199254740994") || b.count(`th[aria-sort=ascending]`) != 1 {
		t.Error(got)
	}
	b.follow(`th .move`)
	b.follow(`th .remove`)
	if got := b.address(); !strings.Contains(got, "columns=number") || strings.Contains(got, "status") {
		t.Error(got)
	}
	b.quiet()
}

func TestPageSaysPlainlyWhatIsMissing(t *testing.T) {
	b := newTab(t)
	b.must(put("partial", map[string]string{"a": `{"@timestamp":"2026-01-01T00:00:00Z","level":"x"}`, "b": `{"@timestamp":"2026-01-02T00:00:00Z","level":"x"}`}))
	res, err := http.Post(stage.opensearch.URL+"/partial-2026-01-01/_close", "application/json", nil)
	b.must(err)
	b.must(res.Body.Close())
	end := time.Now().Add(patience) // the function believes its list of indices for some seconds
	for b.open("?collection=partial&from=2026-01-01&to=2026-01-03"); b.count(".partial") == 0 && time.Now().Before(end); b.open("?collection=partial&from=2026-01-01&to=2026-01-03") {
	}
	b.shows(".partial", "closed indices were not searched: partial-2026-01-01")
	b.shows(".count", "at least 1 document")
	b.quiet()
}

func TestPageSaysWhyItIsEmpty(t *testing.T) {
	b := newTab(t)
	b.open("?collection=empty")
	b.shows(".empty", "Nothing is stored here yet.")
	b.open("?collection=logs&" + url.Values{"q": {"nowhere"}, "filter": {"severity_text:ERROR"}, "since": {"1h"}}.Encode())
	b.shows(".empty", "Nothing matches.")
	b.follow(".empty a")
	if got := b.address(); strings.Contains(got, "nowhere") || !strings.Contains(got, "ERROR") {
		t.Error(got)
	}
	b.quiet()
}
