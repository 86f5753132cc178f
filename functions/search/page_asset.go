package main

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

//go:embed page.css
var pageCSS []byte

//go:embed page.js
var pageJS []byte

// pagePolicy lets our own script and style load, and nothing else: a document that holds
// HTML stays text, and no text becomes HTML.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func secure(c *gin.Context) {
	c.Header("Content-Security-Policy", pagePolicy)
	c.Header("Referrer-Policy", "same-origin")
	c.Header("Cross-Origin-Opener-Policy", "same-origin")
	c.Header("Cache-Control", "no-store")
}

type asset struct {
	kind    string
	content []byte
	version string // names the content
}

// What the page loads, made by the first who asks: many environments are never asked.
var (
	style  = sync.OnceValue(func() asset { return newAsset("text/css; charset=utf-8", pageCSS) })
	script = sync.OnceValue(func() asset { return newAsset("text/javascript; charset=utf-8", pageJS) })
)

// newAsset leaves out what is for readers of the source: comments (" // " is in no string of
// ours), indentation and, of the style, spaces around its signs.
func newAsset(kind string, source []byte) asset {
	var out bytes.Buffer
	for line := range bytes.Lines(source) {
		if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			code, _, _ := bytes.Cut(line, []byte(" // "))
			out.Write(code)
			out.WriteByte('\n')
		}
	}
	content := out.Bytes()
	if strings.HasPrefix(kind, "text/css") {
		content = []byte(strings.NewReplacer("; }", "}", " > ", ">", " { ", "{", " }", "}", ": ", ":", "; ", ";", ", ", ",", "\n", "").Replace(out.String()))
	}
	sum := sha256.Sum256(content)
	return asset{kind, content, hex.EncodeToString(sum[:6])}
}

func (s *server) getStyle(c *gin.Context) error {
	style().write(c)
	return nil
}

func (s *server) getScript(c *gin.Context) error {
	script().write(c)
	return nil
}

// write has it kept for ever at the address that names its content.
func (a asset) write(c *gin.Context) {
	c.Header("Cache-Control", "max-age=300")
	if c.Query("v") == a.version {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	}
	c.Data(http.StatusOK, a.kind, a.content)
}

// themeOf is what was chosen before.
func themeOf(c *gin.Context) string {
	switch theme, _ := c.Cookie("theme"); theme {
	case "dark", "light":
		return theme
	}
	return ""
}

// chooseTheme remembers the theme and goes back to the address without it.
func chooseTheme(c *gin.Context, values url.Values) error {
	//nolint:gosec // it holds nothing worth hiding, and make run has no TLS
	http.SetCookie(c.Writer, &http.Cookie{Name: "theme", Value: oneOf(values.Get("theme"), "dark", "light"), MaxAge: 31536000, SameSite: http.SameSiteLaxMode, HttpOnly: true})
	values.Del("theme")
	secure(c)
	c.Header("Location", "?"+values.Encode())
	c.Status(http.StatusSeeOther)
	c.Writer.WriteHeaderNow()
	return nil
}

func oneOf(value string, known ...string) string {
	for _, k := range known {
		if value == k {
			return k
		}
	}
	return ""
}
