package page

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"

	"github.com/sluice-dev/sluice/local/part"
)

func TestSmoke(t *testing.T) {
	c, err := part.StartChromium(t.Context(), part.Home{Data: t.TempDir(), Say: func(s string) { t.Log(s) }})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop(context.Background())
	ctx, cancel := remote.NewAllocator(t.Context(), c.URL)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate("data:text/html,<title>x</title><h1 style='font-family:system-ui'>Hi é <code>mono</code>")); err != nil {
		t.Fatal(err)
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	t.Log(err, len(png))
	os.WriteFile("/tmp/page-chr/o.png", png, 0o600)
	for range 3 {
	begun := time.Now()
	tab, cancel := chromedp.NewContext(ctx)
	err := chromedp.Do(tab, chromedp.Navigate("data:text/html,<title>x</title><h1 style='font-family:system-ui'>Hi é <code>mono</code>"))
	x, err2 := chromedp.Run(tab, chromedp.Evaluate[int]("1+1"))
	t.Log(time.Since(begun), err, err2, x)
	cancel()
	}
}
