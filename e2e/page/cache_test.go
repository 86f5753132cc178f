package page

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

func kept(id, message string) map[string]string {
	return map[string]string{id: fmt.Sprintf(`{"@timestamp":%q,"message":%q,"severity_text":"INFO"}`, time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), message)}
}

// An answer from the cache says so and how old it is, and a new one is a click away.
func TestPageTellsHowOldItsAnswerIsAndAsksAnew(t *testing.T) {
	b := newTab(t)
	b.must(put("remembered", kept("age-1", "ageword")))
	b.open("?collection=remembered&q=ageword")
	b.shows(".count", "1 document")
	if b.count(".cached") != 0 {
		t.Error("an answer of now claims to be old:", b.text(".took"))
	}
	b.must(put("remembered", kept("age-2", "ageword")))
	b.open("?collection=remembered&q=ageword")
	b.shows(".took", "answered from cache, ")
	b.shows(".took", " s old")
	if b.count("tr.row") != 1 {
		t.Error(b.text("#documents"))
	}
	b.click("a.anew")
	b.shows(".count", "2 documents")
	if b.count(".cached") != 0 || b.count("tr.row") != 2 {
		t.Error(b.text("main"))
	}
	b.axe("anew")
	b.open("?collection=remembered&q=ageword") // what was found anew is what is remembered
	b.shows(".took", "answered from cache, ")
	b.shows(".count", "2 documents")
	b.axe("cached")
	b.must(put("remembered", kept("age-3", "ageword")))
	b.press("r")
	b.shows(".count", "3 documents")
	b.quiet()
}

func TestPageAsksAnewWithoutItsScript(t *testing.T) {
	b := newTab(t)
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.must(err)
	b.must(put("remembered", kept("plain-1", "plainword")))
	address := stage.url + "/?collection=remembered&q=plainword"
	for range 2 {
		b.do(chromedp.Navigate(address))
	}
	b.shows(".took", "answered from cache, ")
	b.must(put("remembered", kept("plain-2", "plainword")))
	_, err = chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS("a.anew")))
	b.must(err)
	b.shows(".count", "2 documents")
	if b.count(".cached") != 0 || b.count(`a[href*="anew"]`) != 0 {
		t.Error(b.text(".took"))
	}
}

// What was stored since the answer that the cache has is not missed by who follows.
func TestPageFollowsFromNowOnWhateverTheCacheHas(t *testing.T) {
	b := newTab(t)
	b.must(put("remembered", kept("live-1", "liveword")))
	b.open("?collection=remembered&q=liveword")
	b.must(put("remembered", kept("live-2", "liveword")))
	b.open("?collection=remembered&q=liveword")
	b.shows(".took", "answered from cache, ")
	b.click("#tail")
	b.wait(`document.querySelector('tr.row[data-id="live-2"] mark')`)
	b.quiet()
}
