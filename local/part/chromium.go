package part

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
)

// Chromium is a browser without a window, driven over its DevTools on loopback. What it
// keeps is gone when it is stopped.
type Chromium struct {
	*Process
	URL string // DevTools, http://127.0.0.1:port
	dir string
}

// StartChromium fetches the browser if need be and returns when it answers.
func StartChromium(ctx context.Context, home Home) (*Chromium, error) {
	home, err := home.ready()
	if err != nil {
		return nil, err
	}
	port, err := Port(0)
	if err != nil {
		return nil, err
	}
	b, err := findChromium(ctx, home)
	if err != nil {
		return nil, fmt.Errorf("Chromium: %w", err) //nolint:staticcheck // its name
	}
	c := &Chromium{URL: baseURL(port)}
	if c.dir, err = os.MkdirTemp("", "sluice-chromium-"); err != nil {
		return nil, err
	}
	c.Process, err = home.run(ctx, Command{
		Name: "Chromium", Args: append([]string{b.program}, quiet(port, c.dir)...), Env: append(b.env, "HOME="+c.dir),
		Log: home.log("chromium"), Line: home.lines("chromium"), Ready: c.answers,
	}, c.URL)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	return c, nil
}

// quiet are the flags of a browser that asks nobody but us for anything.
func quiet(port int, dir string) []string {
	return []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run", "--no-default-browser-check",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps",
		"--disable-domain-reliability", "--no-pings", "--mute-audio", "--hide-scrollbars", "--font-render-hinting=none", "--lang=en-US",
		"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
		"--remote-debugging-address=127.0.0.1", "--remote-debugging-port=" + strconv.Itoa(port), "--user-data-dir=" + filepath.Join(dir, "profile"), "about:blank",
	}
}

// Stop ends the browser and removes what it kept.
func (c *Chromium) Stop(ctx context.Context) error {
	return errors.Join(c.Process.Stop(ctx), os.RemoveAll(c.dir))
}

func (c *Chromium) answers(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+"/json/version", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	var version struct{ Browser string }
	if err := json.NewDecoder(res.Body).Decode(&version); err != nil || version.Browser == "" {
		return fmt.Errorf("no browser answers: %w", err)
	}
	return nil
}

// browser is a program and what it needs in its environment.
type browser struct {
	program string
	env     []string
}

// findChromium takes the pinned one, and where there is none for the machine, an installed one.
func findChromium(ctx context.Context, home Home) (browser, error) {
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		return fetchChromium(ctx, home)
	}
	for _, name := range []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	} {
		if path, err := exec.LookPath(name); err == nil {
			return browser{program: path}, nil
		}
	}
	return browser{}, fmt.Errorf("none is pinned for %s on %s: install Chromium or Google Chrome", runtime.GOOS, runtime.GOARCH)
}
