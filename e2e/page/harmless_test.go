package page

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Each payload is a document's text, keyword, name and id, the collection's description
// and its fields' documentation. None runs, loads or breaks out anywhere, and each is
// shown as it is.
func TestPageShowsHostileDocumentsAsText(t *testing.T) {
	if len(payloads) < 40 {
		t.Fatal(len(payloads))
	}
	b := newTab(t)
	harmless := func() {
		t.Helper()
		if eval[bool](b, `"canary" in window`) {
			t.Errorf("a payload ran at %s", b.address())
		}
		if n := eval[int](b, `document.querySelectorAll("img, iframe, object, embed, style, base, form:not(#search), video, audio, math, script:not([src]), [onclick], [onerror], [onload], [style], a[href^='javascript' i]").length`); n != 0 {
			t.Errorf("%d elements of a payload at %s", n, b.address())
		}
	}
	b.open("?collection=hostile&size=200&columns=level,message")
	if n := b.count("tr.row"); n != len(payloads) {
		t.Fatalf("%d rows of %d", n, len(payloads))
	}
	harmless()
	shown := eval[[]string](b, `[...document.querySelectorAll("tr.row td:nth-child(3)")].map(c => c.textContent)`)
	all := strings.Join(shown, "\x00")
	for _, p := range payloads {
		if !strings.Contains(all, p) {
			t.Errorf("%q is not shown as it is", p)
		}
	}
	b.open("?collection=hostile&size=200&q=found")
	if n := b.count("tr.row mark"); n < len(payloads) {
		t.Errorf("%d marks", n)
	}
	harmless()
	eval[int](b, `(document.querySelectorAll("tr.row .toggle a").forEach(a => a.click()), 0)`)
	b.wait(fmt.Sprintf(`document.querySelectorAll(".opened .tree").length === %d`, len(payloads)))
	harmless()
	trees := eval[string](b, `[...document.querySelectorAll(".opened .tree")].map(c => c.textContent).join("\0")`)
	for _, p := range payloads {
		if strings.Count(trees, p) < 4 { // text, keyword, and a name with its value
			t.Errorf("%q is in the trees %d times", p, strings.Count(trees, p))
		}
	}
	eval[int](b, `(document.querySelectorAll('a.values').forEach(a => a.click()), 0)`)
	b.wait(`document.querySelectorAll('li[data-field="level"] .top li').length === 10`)
	harmless()
	for _, p := range payloads {
		value := url.QueryEscape(p)
		b.do(chromedp.Navigate(stage.url + "/?collection=hostile&q=" + value + "&filter=level:" + value + "&columns=" + value + "&open=" + value + "&values=" + value))
		b.ready()
		harmless()
	}
	b.open("?collection=hostile&values=level&open=" + url.QueryEscape("00"+payloads[0]))
	b.shows("footer", "<script>window.canary=1</script>")
	harmless()
	b.quiet("status of 400")
}

// What is typed and suggested is written by the script.
func TestPageSuggestsHostileValuesAsText(t *testing.T) {
	b := newTab(t)
	b.open("?collection=hostile&from=2026-03-01")
	for _, typed := range []string{"a", "le", `level:"found`, "level:<", "level:"} {
		eval[string](b, `document.querySelector("#q").value = ""`)
		b.do(chromedp.SendKeys(chromedp.CSS("#q"), typed))
		b.wait(`performance.getEntriesByType("resource").some(e => e.name.includes("/suggest") && new URL(e.name).searchParams.get("text") === ` + quote(typed) + `)`)
	}
	b.wait(`document.querySelector("#suggestions").innerText.includes("<")`)
	if eval[bool](b, `"canary" in window`) || b.count("#suggestions :not(div, b, small)") != 0 {
		t.Error(eval[string](b, `document.querySelector("#suggestions").innerHTML`))
	}
	b.quiet("status of 400")
}

func TestPageRefusesInlineScriptAndHTML(t *testing.T) {
	b := newTab(t)
	b.open("?collection=logs")
	if got := eval[string](b, `(() => { try { document.body.innerHTML = "<b>x</b>"; return "done"; } catch (e) { return e.name; } })()`); got != "TypeError" {
		t.Errorf("HTML from text: %s", got)
	}
	eval[int](b, `(() => { const s = document.createElement("script"); s.append("window.canary = 1"); try { document.body.append(s); } catch {} return 0; })()`)
	if eval[bool](b, `"canary" in window`) {
		t.Error("an inline script ran")
	}
}
