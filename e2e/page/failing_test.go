package page

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// instead answers requests of browsers in the function's place where f says that it did.
func instead(t *testing.T, f func(w http.ResponseWriter, r *http.Request) bool) {
	t.Helper()
	stage.instead.Store(&f)
	t.Cleanup(func() { stage.instead.Store(nil) })
}

func isPart(r *http.Request, name string) bool { return r.URL.Query().Get("part") == name }

func problemPage(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprint(w, `<!doctype html><html lang="en"><title>problem</title><body><main><section class="problem"><h1>No</h1><p>It failed.</p></section></main>`) //nolint:errcheck // a test's answer
}

func TestPageKeepsWhatItShowsWhileRefreshingFails(t *testing.T) {
	b := newTab(t)
	b.must(put("visits", map[string]string{"kept-1": fmt.Sprintf(`{"@timestamp":%q,"message":"keptword"}`, time.Now().UTC().Format(time.RFC3339))}))
	b.open("?collection=visits&q=keptword")
	b.shows("#documents", "keptword")
	answers := []func(w http.ResponseWriter){
		func(w http.ResponseWriter) { problemPage(w, http.StatusServiceUnavailable) },
		func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
		},
		func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, `{"message":"Internal Server Error"}`) //nolint:errcheck // a test's answer
		},
		func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	}
	for i, answer := range answers {
		instead(t, func(w http.ResponseWriter, r *http.Request) bool {
			if !isPart(r, "page") {
				return false
			}
			answer(w)
			return true
		})
		eval[bool](b, `document.querySelector("#said").textContent = "", true`)
		b.press("r")
		b.shows("#said", "what is shown is from before")
		if b.count("#documents tr.row") != 1 || b.count(".tools .count") != 1 || b.count(".problem") != 0 {
			t.Errorf("answer %d: what was shown is gone: %s", i, b.text("main"))
		}
	}
	stage.instead.Store(nil)
	b.must(put("visits", map[string]string{"kept-2": fmt.Sprintf(`{"@timestamp":%q,"message":"keptword"}`, time.Now().UTC().Format(time.RFC3339))}))
	b.press("r")
	b.shows(".tools .count", "2 documents")
	b.quiet("status of 50", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION")
}

// An answer that was asked for earlier and comes later is not shown.
func TestPageShowsTheNewestOfItsAnswers(t *testing.T) {
	b := newTab(t)
	b.open("?collection=visits&q=newestword")
	b.shows(".empty", "Nothing matches")
	var asked atomic.Int32
	late := make(chan struct{})
	instead(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !isPart(r, "page") || asked.Add(1) > 1 {
			return false
		}
		<-late
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><html lang="en"><title>old</title><body><main><div class="empty"><p>Old.</p></div></main>`) //nolint:errcheck // a test's answer
		return true
	})
	b.press("r")
	b.press("r") // one is under way
	b.must(put("visits", map[string]string{"newest-1": fmt.Sprintf(`{"@timestamp":%q,"message":"newestword"}`, time.Now().UTC().Format(time.RFC3339))}))
	b.click("#tail")
	b.shows("#documents", "newestword")
	close(late)
	time.Sleep(300 * time.Millisecond)
	if b.count("#documents tr.row") != 1 || strings.Contains(b.text("main"), "Old.") || asked.Load() < 2 {
		t.Errorf("%d answers: %s", asked.Load(), b.text("main"))
	}
	b.quiet()
}

func TestPageFollowsOnWhereItsCursorIsNoLongerKnown(t *testing.T) {
	b := newTab(t)
	b.open("?collection=visits&q=cursorword")
	b.shows(".empty", "Nothing matches")
	var refused atomic.Value
	instead(t, func(w http.ResponseWriter, r *http.Request) bool {
		more := r.URL.Query().Get("more")
		if !isPart(r, "tail") || more == "" || refused.Load() != nil && refused.Load() != more {
			return false
		}
		if refused.Swap(more) == nil {
			b.must(put("visits", map[string]string{"cursor-1": fmt.Sprintf(`{"@timestamp":%q,"message":"cursorword"}`, time.Now().UTC().Format(time.RFC3339))}))
		}
		problemPage(w, http.StatusBadRequest)
		return true
	})
	b.click("#tail")
	b.shows("#documents", "cursorword")
	b.wait(`document.querySelector("#lag").textContent.includes("Live")`)
	b.must(put("visits", map[string]string{"cursor-2": fmt.Sprintf(`{"@timestamp":%q,"message":"cursorword"}`, time.Now().UTC().Format(time.RFC3339))}))
	b.wait(`document.querySelectorAll("#documents tr.row").length === 2`)
	b.quiet("status of 400")
}

func TestPageTellsWhyItCannotTellTheCost(t *testing.T) {
	b := newTab(t)
	b.open("?collection=logs&since=1h")
	instead(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("explain") != "cost" {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `{"status":503,"title":"Unavailable","detail":"OpenSearch could not be reached"}`) //nolint:errcheck // a test's answer
		return true
	})
	b.do(chromedp.SendKeys(chromedp.CSS("#q"), "x"))
	b.shows("#cost", "OpenSearch could not be reached")
	b.quiet("status of 503")
}
