package page

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"
)

// patience is how long a tab waits for what is to come, on a busy machine too.
const patience = 20 * time.Second

// tab is one test's tab of the browser, and what went wrong in it.
type tab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string // errors, refusals by the policy, dialogs
}

func newTab(t *testing.T) *tab {
	t.Helper()
	allocator, cancel := remote.NewAllocator(t.Context(), stage.chromium.URL)
	t.Cleanup(cancel)
	b := &tab{T: t}
	b.ctx, cancel = chromedp.NewContext(allocator, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.hear))
	t.Cleanup(cancel)
	b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(1280, 860))) // its context is the tab's life
	_, err := chromedp.Call(b.ctx, log.Enable, cdp.Empty{})
	b.must(err)
	_, err = chromedp.Call(b.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.must(err)
	return b
}

// hear notes what a page without faults never causes.
func (b *tab) hear(event any) {
	trouble := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		trouble = "exception: " + e.ExceptionDetails.Text
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || strings.Contains(e.Entry.Text, "Content Security Policy") {
			trouble = "log: " + e.Entry.Text
		}
	case *page.EventJavascriptDialogOpening:
		trouble = "dialog: " + e.Message
	}
	if trouble != "" {
		b.mu.Lock()
		b.troubles = append(b.troubles, trouble)
		b.mu.Unlock()
	}
}

// quiet fails where anything went wrong but what is expected.
func (b *tab) quiet(expected ...string) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.troubles {
		if !slices.ContainsFunc(expected, func(e string) bool { return strings.Contains(t, e) }) {
			b.Error(t)
		}
	}
}

func (b *tab) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	b.must(chromedp.Do(ctx, steps...))
}

// open goes to an address of the page and waits for its script, where it runs.
func (b *tab) open(address string) {
	b.Helper()
	b.do(chromedp.Navigate(stage.url + "/" + address))
	b.ready()
}

func (b *tab) ready() {
	b.Helper()
	b.wait(`document.readyState === "complete" && document.body.classList.contains("ready")`)
}

// eval is the value of an expression.
func eval[T any](b *tab, expression string) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return value
}

// wait until the expression is true, on this page or on the one that comes.
func (b *tab) wait(expression string) {
	b.Helper()
	end := time.Now().Add(patience)
	for {
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		cancel()
		if ok && err == nil {
			return
		}
		if time.Now().After(end) {
			b.Fatalf("%s is not so after %s (%v) at %s: %.2000s", expression, patience, err, b.address(), b.text("body"))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func quote(text string) string { return fmt.Sprintf("%q", text) }

func (b *tab) text(css string) string {
	b.Helper()
	return eval[string](b, `document.querySelector(`+quote(css)+`)?.innerText ?? ""`)
}

func (b *tab) count(css string) int {
	b.Helper()
	return eval[int](b, `document.querySelectorAll(`+quote(css)+`).length`)
}

func (b *tab) address() string {
	b.Helper()
	return eval[string](b, `decodeURIComponent(location.search.replaceAll("+", " "))`)
}

// click with the mouse where the element is.
func (b *tab) click(css string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS(css)))
}

// follow clicks a link and waits for the page that it leads to.
func (b *tab) follow(css string) {
	b.Helper()
	b.leave(func() { b.click(css) })
}

// leave waits until what is done has led to another page.
func (b *tab) leave(act func()) {
	b.Helper()
	eval[bool](b, `window.before = true`)
	act()
	b.wait(`!window.before && document.readyState === "complete"`)
	b.ready()
}

func (b *tab) press(keys string, modifiers ...chromedp.Modifier) {
	b.Helper()
	b.do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...)))
}

// enter presses Enter as a keyboard does: what a key event prevents does not happen.
func (b *tab) enter() {
	b.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		key := input.DispatchKeyEventParams{Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13}
		if kind == input.DispatchKeyEventTypeKeyDown {
			key.Text = "\r"
		}
		_, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, key)
		b.must(err)
	}
}

// shows fails unless the text is in the element.
func (b *tab) shows(css, want string) {
	b.Helper()
	b.wait(`document.querySelector(` + quote(css) + `)?.innerText.includes(` + quote(want) + `)`)
}

// picture is a screenshot, kept where it was asked for.
func (b *tab) picture(name string) []byte {
	b.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	b.must(err)
	if *screenshots != "" {
		b.must(os.WriteFile(filepath.Join(*screenshots, name+".png"), png, 0o644)) //nolint:gosec // a picture
	}
	return png
}

func (b *tab) scheme(value string) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}}})
	b.must(err)
}
