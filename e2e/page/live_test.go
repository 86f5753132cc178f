package page

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What comes while a document is open is shown around it, and it stays open, and where it is.
func TestPageShowsWhatCameWhileADocumentIsOpen(t *testing.T) {
	b := newTab(t)
	for i, id := range []string{"open-1", "open-2", "open-3"} {
		b.must(put("visits", kept(id, "openword")))
		if i == 0 {
			b.open("?collection=visits&q=openword")
			b.click(`tr.row[data-id="open-1"] .toggle a`)
			b.wait(`document.querySelector(".opened .tree")`)
			eval[bool](b, `document.querySelector(".opened").mine = true`)
			b.press("r")
			continue
		}
		if i == 1 {
			b.press("r")
		} else {
			b.click("#tail")
		}
		b.wait(`document.querySelector('tr.row[data-id="` + id + `"] mark')`)
		if got := eval[string](b, `[...document.querySelectorAll("tr.row")].map(r => r.dataset.id + (r.nextElementSibling?.mine ? " open" : "")).join(", ")`); !strings.HasSuffix(got, "open-2, open-1 open") || b.count(".opened") != 1 {
			t.Error(got)
		}
	}
	b.must(put("visits", kept("open-4", "openword")))
	b.wait(`document.querySelector("tr.row").dataset.id === "open-4" && document.querySelector("tr.row mark")`)
	if !eval[bool](b, `document.querySelector('tr.row[data-id="open-1"]').nextElementSibling.mine`) || !strings.Contains(b.text(".opened .tree"), "openword") {
		t.Error(b.text("#documents"))
	}
	b.quiet()
}

// The marks and links of a row are the same whoever brought it.
func TestPageMarksWhatMatchesInRowsThatTheTailBrings(t *testing.T) {
	b := newTab(t)
	b.open("?collection=visits&q=markword&columns=severity_text,message")
	b.click("#tail")
	b.wait(`document.querySelector("#lag").textContent.includes("Live")`)
	b.must(put("visits", kept("mark-1", "the <b>markword</b> is here")))
	b.wait(`document.querySelector('tr.row[data-id="mark-1"]')`)
	b.must(put("visits", kept("mark-2", "a markword again")))
	b.wait(`document.querySelector('tr.row[data-id="mark-2"].new mark')`)
	row := func(id string) string {
		return eval[string](b, `document.querySelector('tr.row[data-id="`+id+`"]').innerHTML`)
	}
	followed := row("mark-2")
	if !strings.Contains(followed, "<mark>markword</mark>") || strings.Contains(row("mark-1"), "<b>") || strings.Contains(followed, "more=") {
		t.Error(row("mark-1"), followed)
	}
	b.axe("live")
	b.open("?collection=visits&q=markword&columns=severity_text,message")
	if searched := row("mark-2"); searched != followed {
		t.Errorf("followed %s\nsearched %s", followed, searched)
	}
	b.quiet()
}

// A document that was stored, but could not be found yet when following began, is shown too.
func TestPageFollowsWhatWasStoredJustBefore(t *testing.T) {
	b := newTab(t)
	b.must(put("visits", kept("before-1", "beforeword")))
	b.open("?collection=visits&q=beforeword")
	for id, body := range kept("before-2", "beforeword") {
		b.must(send([]map[string]any{record("visits", id, body)}))
	}
	b.click("#tail")
	b.wait(`performance.getEntriesByType("resource").some(e => e.name.includes("part=page"))`) // the tail has begun, and what could be found then is shown
	b.must(refresh())
	b.wait(`document.querySelector('tr.row[data-id="before-2"] mark')`)
	b.shows("#lag", "1 new on top") // wherever it came from
	b.quiet()
}

// Of more than a page that came since, none is passed over: the newest page is shown, and the next one leads on.
func TestPageFollowsWithoutAGapWhereMoreThanAPageCameBefore(t *testing.T) {
	b := newTab(t)
	b.must(put("visits", kept("gap-old", "gapword")))
	b.open("?collection=visits&q=gapword")
	since := map[string]string{}
	for i := range 60 {
		for id, body := range kept(fmt.Sprintf("gap-%02d", i), "gapword") {
			since[id] = body
		}
	}
	b.must(put("visits", since))
	b.click("#tail")
	b.shows(".count", "61 documents")
	if b.count("tr.row") != 50 || b.count(`tr.row[data-id="gap-old"]`) != 0 || b.count(".next a") != 1 {
		t.Error(b.count("tr.row"), b.text("#documents"))
	}
	b.must(put("visits", kept("gap-new", "gapword")))
	b.wait(`document.querySelector('tr.row[data-id="gap-new"]')`)
	if b.count("tr.row") != 51 {
		t.Error(b.count("tr.row"))
	}
	b.quiet()
}

// A time that has ended is followed for what comes late into it, not for what happens now.
func TestPageFollowsATimeOnlyToItsEnd(t *testing.T) {
	b := newTab(t)
	end := time.Now().UTC().Add(-time.Minute)
	early := func(id string) map[string]string {
		return map[string]string{id: fmt.Sprintf(`{"@timestamp":%q,"message":"endword"}`, end.Add(-time.Second).Format(time.RFC3339))}
	}
	b.must(put("visits", early("end-first")))
	b.open("?collection=visits&q=endword&to=" + end.Format("2006-01-02T15:04:05"))
	b.click("#tail")
	b.wait(`performance.getEntriesByType("resource").some(e => e.name.includes("part=page"))`) // the tail has begun
	b.must(put("visits", kept("end-now", "endword")))
	for _, id := range []string{"end-late", "end-later"} {
		b.must(put("visits", early(id)))
		b.wait(`document.querySelector('tr.row[data-id="` + id + `"]')`)
	}
	if b.count("tr.row") != 3 {
		t.Error(b.text("#documents"))
	}
	b.quiet()
}

// A page in a hidden tab asks for nothing, and has missed nothing when it is looked at again.
func TestPageFollowsWhileItIsSeen(t *testing.T) {
	b := newTab(t)
	b.must(put("visits", kept("seen-first", "seenword")))
	b.open("?collection=visits&q=seenword")
	hide := func(is bool) {
		eval[bool](b, fmt.Sprintf(`Object.defineProperty(document, "hidden", { value: %t, configurable: true }) && document.dispatchEvent(new Event("visibilitychange"))`, is))
	}
	b.click("#tail")
	b.must(put("visits", kept("seen-second", "seenword")))
	b.wait(`document.querySelectorAll("tr.row").length === 2`)
	hide(true)
	const asked = `performance.getEntriesByType("resource").filter(e => e.name.includes("part=tail")).length`
	b.must(put("visits", kept("seen-third", "seenword"))) // ends the question that may be under way
	time.Sleep(4 * time.Second)                           // and one takes three while it settles
	before := eval[int](b, asked)
	b.must(put("visits", kept("seen-fourth", "seenword")))
	time.Sleep(4 * time.Second)
	if n := eval[int](b, asked); n != before || b.count(`tr.row[data-id="seen-fourth"]`) != 0 {
		t.Errorf("%d more questions, %s", n-before, b.text("#documents"))
	}
	hide(false)
	b.wait(`document.querySelectorAll("tr.row").length === 4`)
	b.quiet()
}

// A document that changes comes as it is now, in place of what it was.
func TestPageShowsADocumentThatChangesAsItIsNow(t *testing.T) {
	b := newTab(t)
	at := time.Now().UTC().Format(time.RFC3339)
	b.must(put("changing", map[string]string{"C-1": `{"id":"C-1","version":1,"status":"new","note":"changeword","updated_at":"` + at + `"}`}))
	b.open("?collection=changing&q=changeword&columns=status")
	b.click("#tail")
	b.wait(`document.querySelector("#lag").textContent.includes("Live")`)
	b.must(put("changing", map[string]string{"C-1": `{"id":"C-1","version":2,"status":"paid","note":"changeword","updated_at":"` + at + `"}`}))
	b.shows("#documents", "paid")
	if b.count("tr.row") != 1 || strings.Contains(b.text("#documents"), "new") {
		t.Error(b.text("#documents"))
	}
	b.quiet()
}

// A row that is open is the one it was, and says what its document is now, whoever brings that.
func TestPageShowsWhatHasChangedInARowThatIsOpen(t *testing.T) {
	b := newTab(t)
	at := time.Now().UTC().Format(time.RFC3339)
	status := func(version int, status string) {
		b.must(put("changing", map[string]string{"C-2": fmt.Sprintf(`{"id":"C-2","version":%d,"status":%q,"note":"rowword","updated_at":%q}`, version, status, at)}))
	}
	status(1, "new")
	b.open("?collection=changing&q=rowword&columns=status")
	b.click(`tr.row .toggle a`)
	b.wait(`document.querySelector(".opened .tree")`)
	eval[bool](b, `document.querySelector("tr.row").mine = true`)
	status(2, "paid")
	b.press("r")
	b.shows("tr.row", "paid")
	b.click("#tail")
	b.wait(`document.querySelector("#lag").textContent.includes("Live")`)
	status(3, "shipped")
	b.shows("tr.row", "shipped")
	if b.count("tr.row") != 1 || b.count(".opened .tree") != 1 || !eval[bool](b, `document.querySelector("tr.row").mine`) {
		t.Error(b.text("#documents"))
	}
	b.quiet()
}

// However much comes, what is being read is not taken away.
func TestPageKeepsADocumentThatIsOpenUnderHundredsOfNewOnes(t *testing.T) {
	b := newTab(t)
	b.must(put("visits", kept("many-0", "manyword")))
	b.open("?collection=visits&q=manyword")
	b.click(`tr.row .toggle a`)
	b.wait(`document.querySelector(".opened .tree")`)
	b.click("#tail")
	b.wait(`document.querySelector("#lag").textContent.includes("Live")`)
	many := map[string]string{}
	for i := range 520 {
		for id, body := range kept(fmt.Sprintf("many-%d", i+1), "manyword") {
			many[id] = body
		}
	}
	b.must(put("visits", many))
	b.wait(`document.querySelectorAll("tr.row").length >= 500`)
	b.must(put("visits", kept("many-last", "manyword")))
	b.wait(`document.querySelector('tr.row[data-id="many-last"]')`)
	if n := b.count("tr.row"); n > 520 || b.count(`tr.row[data-id="many-0"] + .opened .tree`) != 1 {
		t.Error(n, b.count(".opened"))
	}
	b.quiet()
}
