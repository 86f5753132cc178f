package page

import "testing"

func TestScreenshots(t *testing.T) {
	b := newTab(t)
	b.open("?collection=logs&since=1h")
	b.picture("page-light")
	b.scheme("dark")
	b.picture("page-dark")
}
