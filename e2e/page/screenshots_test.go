package page

import (
	"bytes"
	"image/png"
	"testing"
)

// The pictures of the documentation, which `make screenshots` keeps, show what they are to show.
func TestPageLooksAsItsPicturesShow(t *testing.T) {
	b := newTab(t)
	look := func(name string, has ...string) {
		t.Helper()
		for _, css := range has {
			if !eval[bool](b, `(r => r.width > 0 && r.top < innerHeight)(document.querySelector(`+quote(css)+`).getBoundingClientRect())`) {
				t.Errorf("%s is not in the picture %s", css, name)
			}
		}
		if i, err := png.DecodeConfig(bytes.NewReader(b.picture(name))); err != nil || i.Width != 1280 || i.Height != 860 {
			t.Errorf("%s: %v %v", name, i, err)
		}
	}
	b.scheme("light")
	b.open("?collection=logs&since=1h&columns=severity_text,service.name,http.response.status_code,message&values=host.name")
	look("page", "#chart rect", "tr.row", `a[href*="/export?"]`)
	b.scheme("dark")
	b.open("?collection=logs&since=1h&q=severity_text:ERROR+timed+out")
	look("dark", "#chart rect", "tr.row mark")
	b.scheme("light")
	b.open("?collection=logs&since=1h&q=timed+out&columns=severity_text,service.name,message")
	b.click(".row .toggle a")
	b.wait(`document.querySelector(".opened .tree")`)
	look("document", ".opened .tree", ".opened .copy")
}
