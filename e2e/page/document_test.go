package page

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestPageOpensADocumentAsTreeAndJSON(t *testing.T) {
	b := newTab(t)
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		_, err := chromedp.CallBrowser(b.ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted, Origin: stage.url,
			BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
		})
		b.must(err)
	}
	b.open("?collection=orders")
	b.click(`tr.row[data-id="A-1001"] .short`)
	b.wait(`document.querySelector(".opened .tree")`)
	if got := b.text(".opened .tree"); !strings.Contains(got, "9007199254740993") || !strings.Contains(got, "Ada Lovelace") || strings.Contains(got, "ada@example.com") {
		t.Error(got)
	}
	b.click(`.opened details:not([open]) > summary`)
	b.wait(`document.querySelector(".opened pre").checkVisibility()`)
	var document map[string]json.RawMessage
	if err := json.Unmarshal([]byte(b.text(".opened pre")), &document); err != nil || string(document["number"]) != "9007199254740993" {
		t.Errorf("%v %s", err, b.text(".opened pre"))
	}
	b.click(`.opened .copy`)
	b.shows("#said", "Copied")
	if got := eval[string](b, `window.copied = "", navigator.clipboard.readText().then(t => window.copied = t), ""`); got != "" {
		t.Error(got)
	}
	b.wait(`window.copied.includes("9007199254740993")`)
	if got := b.address(); !strings.Contains(got, "open=A-1001") {
		t.Error(got)
	}
	b.open(eval[string](b, "location.search")) // the address has the document open
	b.shows(".opened .tree", "9007199254740993")
	b.follow(`.opened a.for[href*="number"]`)
	if b.count("tr.row") != 1 || !strings.Contains(b.address(), "filter=number:9007199254740993") {
		t.Error(b.address(), b.text("#documents"))
	}
	b.quiet()
}

func TestPageShowsTheDocumentsAroundOne(t *testing.T) {
	b := newTab(t)
	b.open("?collection=logs&q=timed&since=1h")
	id := eval[string](b, `document.querySelector("tr.row").dataset.id`)
	b.click("tr.row .toggle a")
	b.wait(`document.querySelector(".opened .where a")`)
	b.follow(`.opened .where a[href*="context"]`)
	if n := b.count("tr.row"); n != 21 || eval[string](b, `document.querySelector("tr.here").dataset.id`) != id {
		t.Errorf("%d rows around %s: %s", n, id, b.text("#documents"))
	}
	times := eval[[]string](b, `[...document.querySelectorAll("tr.row time")].map(t => t.textContent)`)
	for i := 1; i < len(times); i++ {
		if times[i-1] < times[i] {
			t.Errorf("%s is above %s", times[i-1], times[i])
		}
	}
	b.follow(`.tools a[href*="more="]`)
	if n := b.count("tr.row"); n <= 21 {
		t.Errorf("%d rows", n)
	}
	b.follow(`.tools a`)
	b.shows(".count", "documents")
	b.quiet()
}

func TestPageFollowsWhatComesIn(t *testing.T) {
	b := newTab(t)
	b.open("?collection=visits&q=placed&since=1h&columns=severity_text,service.name,message")
	b.shows(".empty", "Nothing matches")
	t.Cleanup(func() { stage.cut.Store(false) })
	put1 := func(i int) {
		at := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
		b.must(put("visits", map[string]string{fmt.Sprintf("new-%d", i): fmt.Sprintf(`{"@timestamp":%q,"message":"customer %d placed order A-%d","severity_text":"INFO","service":{"name":"checkout"}}`, at, 4711+i*37, 1001+i)}))
	}
	put1(0)
	b.open("?collection=visits&q=placed&since=1h&columns=severity_text,service.name,message")
	b.click("#tail")
	b.wait(`document.querySelector("#lag").textContent.includes("Live")`)
	for i := 1; i <= 5; i++ {
		put1(i)
	}
	b.wait(`document.querySelectorAll("tr.row").length >= 6`)
	if got := eval[string](b, `[...document.querySelectorAll("tr.row")].map(r => r.dataset.id).sort().join(" ")`); got != "new-0 new-1 new-2 new-3 new-4 new-5" {
		t.Error(got)
	}
	b.picture("tail")
	stage.cut.Store(true)
	put1(6) // it answers what waits; the next request finds the connection cut
	b.shows("#lag", "Trying again")
	put1(7)
	stage.cut.Store(false)
	b.wait(`document.querySelector('tr.row[data-id="new-7"]')`)
	if got := eval[string](b, `[...document.querySelectorAll("tr.row")].map(r => r.dataset.id).sort().join(" ")`); got != "new-0 new-1 new-2 new-3 new-4 new-5 new-6 new-7" {
		t.Error(got)
	}
	b.press(kb.Escape)
	b.wait(`document.querySelector("#tail").getAttribute("aria-pressed") === "false"`)
	b.quiet("ERR_EMPTY_RESPONSE", "ERR_CONNECTION")
}

func TestPageRefreshesItself(t *testing.T) {
	b := newTab(t)
	b.open("?collection=visits&q=refreshed&refresh=5")
	b.shows(".empty", "Nothing matches")
	b.must(put("visits", map[string]string{"fresh": fmt.Sprintf(`{"@timestamp":%q,"message":"refreshed"}`, time.Now().UTC().Format(time.RFC3339))}))
	b.shows("#documents", "refreshed")
	b.shows(".count", "1 document")
	if b.count(".empty") != 0 || b.count("#chart") != 1 {
		t.Error("what was there before is still there")
	}
	b.quiet()
}
