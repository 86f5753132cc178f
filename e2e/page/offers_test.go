package page

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// api is what the API's own document says that there is.
func api(t *testing.T) (paths map[string]bool, parameters map[string]bool) {
	t.Helper()
	res, err := http.Get(stage.url + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var document struct {
		Paths map[string]struct {
			Get struct{ Parameters []struct{ Name string } }
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&document); err != nil {
		t.Fatal(err)
	}
	paths, parameters = map[string]bool{}, map[string]bool{}
	for path, item := range document.Paths {
		paths[path] = true
		if path == "/v1/{collection}/search" {
			for _, p := range item.Get.Parameters {
				parameters[p.Name] = true
			}
		}
	}
	return paths, parameters
}

// The page offers an export exactly where the API has one, and it is what the page shows.
func TestPageExportsWhatItShows(t *testing.T) {
	paths, _ := api(t)
	b := newTab(t)
	b.open("?collection=orders&columns=number,status&filter=status:paid")
	if !paths["/v1/{collection}/export"] {
		if b.count(".exports") != 0 {
			t.Error("an export is offered that the API has not")
		}
		return
	}
	for i, format := range []string{"ndjson", "csv"} {
		address := eval[string](b, `document.querySelectorAll(".exports a")[`+string(rune('0'+i))+`].href`)
		res, err := http.Get(address)
		b.must(err)
		text, err := io.ReadAll(res.Body)
		b.must(err)
		if res.StatusCode != http.StatusOK || !strings.Contains(string(text), "9007199254740994") || !strings.Contains(string(text), "9007199254740997") || strings.Contains(string(text), "9007199254740993") {
			t.Errorf("%s: %d %s", format, res.StatusCode, text)
		}
	}
	b.quiet()
}

// The page tells what a search would cost, before it runs, exactly where the API does.
func TestPageTellsTheCostWhileOneWrites(t *testing.T) {
	_, parameters := api(t)
	b := newTab(t)
	b.open("?collection=logs&since=1h")
	b.do(chromedp.SendKeys(chromedp.CSS("#q"), "message:timed"))
	if !parameters["explain"] {
		if b.count(".price") != 0 || eval[bool](b, `document.querySelector("#cost").checkVisibility()`) {
			t.Error("a cost is offered that the API does not tell")
		}
		return
	}
	b.shows("#cost", "shards")
	b.do(chromedp.SendKeys(chromedp.CSS("#q"), " AND levl:x"))
	b.shows("#cost", "there is no field")
	b.shows("#cost mark", "l")
	if got := eval[string](b, `document.querySelector(".price").getAttribute("href")`); !strings.Contains(got, "explain=cost") {
		t.Error(got)
	}
}
