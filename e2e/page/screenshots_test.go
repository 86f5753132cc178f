package page

import "testing"

// Screenshots are kept for the documentation by `make screenshots`.
func TestPageLooksAsItsPicturesShow(t *testing.T) {
	b := newTab(t)
	b.open("?collection=logs&since=1h")
	b.picture("page-light")
	b.open("?collection=logs&since=1h&q=timed+out&columns=severity_text,service.name,message")
	b.follow("th a[href*='severity_text']")
	b.click(".row .toggle a")
	b.wait(`document.querySelector(".opened .tree")`)
	b.picture("document")
	b.click(`li[data-field="severity_text"] a.values`)
	b.wait(`document.querySelector(".top li")`)
	b.scheme("dark")
	b.picture("page-dark")
	b.open("?collection=logs&since=1h&q=levl:x+AND+")
	b.picture("mistake")
	b.open("?collection=empty")
	b.picture("empty")
	b.open("?collection=orders&columns=number,status&sort=number:desc&open=A-1002")
	b.picture("orders")
	b.click("#time summary")
	b.picture("time")
	b.press("?")
	b.picture("help")
	b.open("?collection=logs&context=e-0500")
	b.picture("context")
}
