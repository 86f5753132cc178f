package page

import (
	"bytes"
	"fmt"
	"image/png"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// small are the elements that a finger does not hit: less than 24 px of WCAG 2.2's target size.
const small = `[...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")].filter(e => e.checkVisibility() && !e.closest(".quiet, .skip"))
	.map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.width < 24 || r.height < 24).map(([e, r]) => e.outerHTML.slice(0, 200) + " " + r.width + " x " + r.height)`

// beyond are those that no scrolling brings onto the screen: the page scrolls down only, and
// the box of the documents to the right.
const beyond = `[...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary, h1, p")].filter(e => e.checkVisibility() && !e.closest(".quiet, .skip, .scroll"))
	.map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.width > 0 && (r.left < 0 || r.right > innerWidth)).map(([e, r]) => e.outerHTML.slice(0, 200) + " " + r.left + " to " + r.right)`

func (b *tab) fits(where string) {
	b.Helper()
	if wide, screen := eval[int](b, `document.documentElement.scrollWidth`), eval[int](b, `innerWidth`); wide > screen {
		b.Errorf("%s: the page is %d px wide on a screen of %d", where, wide, screen)
	}
	for _, script := range []string{small, beyond} {
		for _, e := range eval[[]string](b, script) {
			b.Errorf("%s: %s", where, e)
		}
	}
	b.axe(where)
}

// screen is a window of that size, of a device that is touched.
func (b *tab) screen(width, height int64) {
	b.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(width, height)))
	_, err := chromedp.Call(b.ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true})
	b.must(err)
}

// On a telephone and a tablet, light and dark, nothing is out of reach or too small to hit.
func TestPageFitsNarrowScreens(t *testing.T) {
	for _, size := range [][2]int64{{360, 740}, {768, 1024}} {
		b := newTab(t)
		b.screen(size[0], size[1])
		for i, state := range []string{
			"?collection=logs&since=1h", "?collection=logs&since=1h&size=5&q=timed+out&columns=severity_text,service.name,http.response.status_code,message&values=http.response.body.size&filter=severity_text:ERROR",
			"?collection=orders&open=A-1001&values=number", "?collection=logs&q=levl:x", "?collection=logs&context=e-0500&more=3", "?collection=empty", "?collection=logs&q=nowhere&since=1h&filter=severity_text:ERROR",
			"?collection=hostile&size=200&open=00" + "&values=level", "?collection=remembered&q=x", "?collection=logs&size=5&from=2026-01-01T00:00:00&to=2026-12-31T00:00:00&tz=local",
		} {
			for _, scheme := range []string{"light", "dark"}[:map[bool]int{true: 2, false: 1}[i < 3]] {
				b.scheme(scheme)
				b.do(chromedp.Navigate(stage.url + "/" + state))
				b.ready()
				b.fits(fmt.Sprintf("%d px %s %s", size[0], scheme, state))
			}
		}
		b.open("?collection=logs&size=5")
		b.click("#time summary")
		b.fits("time")
		b.press(kb.Escape)
		b.press("?")
		b.fits("help")
		b.press(kb.Escape)
		b.quiet("status of 400")
	}
}

func TestPageIsUsedOnATelephone(t *testing.T) {
	b := newTab(t)
	b.screen(360, 740)
	b.open("?collection=logs&since=1h&q=timed+out&columns=severity_text,service.name,message")
	seen := func(css string) {
		t.Helper()
		b.wait(`(r => r.top >= 0 && r.top < innerHeight && r.left >= 0 && r.left < innerWidth)(document.querySelector(` + quote(css) + `).getBoundingClientRect())`)
	}
	b.click(".tofields") // below the documents
	seen("#fields h2")
	b.do(chromedp.SendKeys(chromedp.CSS("#find"), "host"))
	b.click(`li[data-field="host.name"] a.values`)
	b.wait(`document.querySelectorAll(".fields .top li").length > 0`)
	b.click(".fields .back")
	seen("#main .count")
	b.click(`tr.row .toggle a`)
	b.wait(`document.querySelector(".opened .tree")`)
	b.wait(`(r => r.left >= 0 && r.right <= innerWidth)(document.querySelector(".opened .document").getBoundingClientRect())`)
	eval[int](b, `document.querySelector(".scroll").scrollLeft = 500`) // the columns scroll in their box, the document stays
	b.wait(`(r => document.querySelector(".scroll").scrollLeft > 0 && r.left >= 0 && r.right <= innerWidth)(document.querySelector(".opened .document").getBoundingClientRect())`)
	b.follow(`.opened a.for[href*="host.name"]`)
	b.shows(".filters", "host.name:")
	b.click("#time summary")
	b.follow(`#time button[value="24h"]`)
	b.follow(".filters a")
	b.follow(".theme.dark")
	for _, name := range []string{"phone", "tablet"} {
		if name == "tablet" {
			b.screen(768, 1024)
			b.follow(".theme.light")
		}
		b.open("?collection=logs&since=1h&q=timed+out")
		if i, err := png.DecodeConfig(bytes.NewReader(b.picture(name))); err != nil || i.Width != map[string]int{"phone": 360, "tablet": 768}[name] || b.count("tr.row mark") == 0 {
			t.Errorf("%s: %v %v", name, i, err)
		}
	}
	b.quiet()
}
