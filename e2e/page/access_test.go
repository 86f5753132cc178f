package page

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// axe-core finds no violation of WCAG 2.2 AA, nor of its best practices, in any state of
// the page; those with most on them are looked at both light and dark.
func TestPageIsAccessible(t *testing.T) {
	b := newTab(t)
	for i, state := range []string{
		"?collection=logs&since=1h&size=5", "?collection=logs&size=5&q=timed&columns=severity_text,message&values=severity_text&filter=severity_text:ERROR",
		"?collection=logs&size=5&since=1h&q=severity_text:ERROR+timed", "?collection=orders&open=A-1001", "?collection=logs&q=levl:x", "?collection=logs&context=e-0500&more=3", "?collection=empty", "?collection=nowhere",
	} {
		scheme := []string{"light", "dark"}[i%2]
		for range map[bool]int{true: 2, false: 1}[i < 3] {
			b.scheme(scheme)
			b.do(chromedp.Navigate(stage.url + "/" + state))
			b.ready()
			b.axe(state + " " + scheme)
			scheme = map[string]string{"light": "dark", "dark": "light"}[scheme]
		}
	}
	b.open("?collection=logs&size=5")
	b.click("#time summary")
	b.axe("time")
	b.press("?")
	b.axe("help")
}

func (b *tab) axe(where string) {
	b.Helper()
	eval[string](b, stage.axe+`; ""`)
	eval[string](b, `window.found = null, axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(r => window.found = r.violations, e => window.found = [{ id: String(e), nodes: [] }]), ""`)
	b.wait("window.found")
	for _, v := range eval[[]string](b, `found.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 300) + " " + n.failureSummary).join("\n"))`) {
		b.Errorf("%s: %s", where, v)
	}
}
