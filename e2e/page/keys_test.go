package page

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestPageIsUsedByKeysAlone(t *testing.T) {
	b := newTab(t)
	b.open("?collection=logs&since=1h")
	b.press("/")
	b.wait(`document.activeElement.id === "q"`)
	b.press(kb.Escape)
	b.press("j")
	b.press("j")
	second := `document.querySelectorAll("tr.row")[1]`
	b.wait(second + `.contains(document.activeElement)`)
	b.press(kb.ArrowUp)
	b.press(kb.ArrowDown)
	b.wait(second + `.contains(document.activeElement)`)
	b.enter()
	b.wait(second + `.nextElementSibling.querySelector(".tree")`)
	b.press(kb.Escape)
	b.wait(`!document.querySelector(".opened")`)
	b.wait(second + `.contains(document.activeElement)`)
	b.press("?")
	b.wait(`document.querySelector("#help").matches(":popover-open")`)
	b.press(kb.Escape)
	b.wait(`!document.querySelector("#help").matches(":popover-open")`)
	b.press("t")
	b.wait(`document.querySelector("#time").open && document.querySelector("#time").contains(document.activeElement)`)
	b.press(kb.Escape)
	b.wait(`!document.querySelector("#time").open`)
	b.quiet()
}

func TestPageIsDarkOrLightAsChosen(t *testing.T) {
	b := newTab(t)
	ground := `getComputedStyle(document.body).backgroundColor`
	b.open("?collection=logs")
	light := eval[string](b, ground)
	b.scheme("dark")
	dark := eval[string](b, ground)
	b.scheme("light")
	if light == dark || eval[string](b, ground) != light {
		t.Errorf("%s %s", light, dark)
	}
	b.follow(".theme.dark")
	if eval[string](b, ground) != dark {
		t.Error("not dark")
	}
	b.open("?collection=orders")
	if eval[string](b, ground) != dark {
		t.Error("the choice is forgotten")
	}
	b.follow(".theme.light")
	if eval[string](b, ground) != light {
		t.Error("not light")
	}
	b.quiet()
}
