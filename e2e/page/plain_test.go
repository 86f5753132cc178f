package page

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Without a script, forms and links do it all but what needs one.
func TestPageWorksWithoutItsScript(t *testing.T) {
	b := newTab(t)
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.must(err)
	plain := func(act chromedp.Action[chromedp.Void]) {
		t.Helper()
		_, err := chromedp.RunResponse(b.ctx, act)
		b.must(err)
		if b.count("body.ready") != 0 {
			t.Fatal("the script ran")
		}
	}
	plain(chromedp.Navigate(stage.url + "/?collection=logs"))
	b.do(chromedp.SendKeys(chromedp.CSS("#q"), "timed out"))
	plain(chromedp.Click(chromedp.CSS(".go")))
	if n := b.count("tr.row"); n != 50 || b.count("tr.row mark") == 0 || b.count("#chart rect") < 5 {
		t.Fatalf("%d rows", n)
	}
	first := b.text("tr.row time")
	plain(chromedp.Click(chromedp.CSS(".next a")))
	if b.text("tr.row time") == first || b.count("tr.row") != 50 {
		t.Error("no next page")
	}
	plain(chromedp.Click(chromedp.CSS(`li[data-field="exception.type"] a.values`)))
	plain(chromedp.Click(chromedp.CSS(`.top a.for`)))
	if got := b.text(".filters"); !strings.Contains(got, "exception.type:TimeoutError") {
		t.Error(got)
	}
	plain(chromedp.Click(chromedp.CSS(`tr.row .toggle a`)))
	if !strings.Contains(b.text(".opened .tree"), "TimeoutError") {
		t.Error(b.text(".opened"))
	}
	plain(chromedp.Click(chromedp.CSS(`.opened .where a[href*="context"]`)))
	if b.count("tr.here") != 1 {
		t.Error(b.text("main"))
	}
	b.do(chromedp.Click(chromedp.CSS("#time summary")))
	plain(chromedp.Click(chromedp.CSS(`#time button[value="1h"]`)))
	plain(chromedp.Click(chromedp.CSS(".theme.dark")))
	if eval[string](b, `document.documentElement.dataset.theme`) != "dark" {
		t.Error("not dark")
	}
	for _, useless := range []string{"#live", "#find", "button.copy"} {
		if eval[bool](b, `document.querySelector("`+useless+`")?.checkVisibility() ?? false`) {
			t.Errorf("%s is shown and would do nothing", useless)
		}
	}
}

// All that a first visit transfers, not compressed, with fifty documents.
func TestPageIsLight(t *testing.T) {
	total, first := 0, ""
	for _, address := range []string{"/?collection=logs&since=1h", "/page.css", "/page.js"} {
		res, err := http.Get(stage.url + address)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK || res.Body.Close() != nil {
			t.Fatalf("%d %v", res.StatusCode, err)
		}
		t.Logf("%s: %d bytes", address, len(text))
		total += len(text)
		if first == "" {
			first = string(text)
		}
	}
	if n := strings.Count(first, `<tr class="row"`); n != 50 || !strings.Contains(first, "<form method=\"get\" role=\"search\"") || strings.Count(first, "<rect x=") < 20 {
		t.Errorf("the first answer is not usable by itself: %d documents", n)
	}
	if total >= 100_000 {
		t.Errorf("%d bytes", total)
	}
	b := newTab(t)
	b.open("?collection=logs&since=1h")
	for what, want := range map[string]int{ // only the style is waited for before the first paint
		`[performance.getEntriesByType("navigation")[0], ...performance.getEntriesByType("resource")]`:                                 3,
		`performance.getEntriesByType("resource").filter(e => e.renderBlockingStatus === "blocking")`:                                  1,
		`performance.getEntriesByType("resource").filter(e => e.renderBlockingStatus === "blocking" && e.name.includes("/page.css?"))`: 1,
		`document.querySelectorAll("link[rel=stylesheet], style, link[rel=preload]")`:                                                  1,
		`document.querySelectorAll("script:not([type=module])")`:                                                                       0,
		`document.querySelectorAll("img, iframe, object, embed, video, audio, link[rel*=font]")`:                                       0,
	} {
		if n := eval[int](b, what+".length"); n != want {
			t.Errorf("%d, want %d of %s", n, want, what)
		}
	}
	loaded := eval[[]string](b, `performance.getEntriesByType("resource").map(e => e.name.replace(location.origin, "").replace(/\?.*/, ""))`)
	if strings.Join(loaded, " ") != "/page.css /page.js" && strings.Join(loaded, " ") != "/page.js /page.css" {
		t.Error(loaded)
	}
	usable := `Math.round(performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd)`
	visit := eval[int](b, usable)
	b.open("?collection=logs&since=1h")
	t.Logf("usable %d ms after the click; %d ms on the first visit", eval[int](b, usable), visit)
}
