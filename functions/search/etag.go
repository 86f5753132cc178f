package main

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// tagOf is a weak ETag of content: two answers of one tag say the same.
func tagOf(content ...[]byte) string {
	h := sha256.New()
	for _, part := range content {
		h.Write(part)
	}
	return `W/"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:15]) + `"`
}

// writeTagged writes an answer with its tag, or 304 to who has it already.
func writeTagged(c *gin.Context, tag, caching string, body []byte) {
	c.Header("ETag", tag)
	c.Header("Cache-Control", caching)
	c.Header("Vary", "Authorization")
	if matches(c.Request.Header.Values("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	c.Data(http.StatusOK, "application/json", body)
}

// matches compares weakly, as If-None-Match is to be.
func matches(lines []string, tag string) bool {
	return lists(lines, func(one string) bool {
		return one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/")
	})
}

// wantsAnew says whether a request's Cache-Control lets no cache answer.
func wantsAnew(lines []string) bool {
	return lists(lines, func(one string) bool { return strings.EqualFold(one, "no-cache") })
}

// lists says whether a header's lines, lists with commas, hold one like this.
func lists(lines []string, like func(string) bool) bool {
	for _, line := range lines {
		for one := range strings.SplitSeq(line, ",") {
			if like(strings.TrimSpace(one)) {
				return true
			}
		}
	}
	return false
}

// caching is Cache-Control of an answer: who may keep it, and for how long, so that with
// our own cache it grows no older than fresh.
func (v view) caching(c *gin.Context, a completeness) string {
	w := v.windows()
	if !a.Complete {
		return "no-store"
	}
	left := w.Fresh
	if v.Rows != nil { // a row is shown as it is now
		left = 0
	}
	if a.Cache != nil {
		left -= time.Duration(a.Cache.Age * float64(time.Second))
	}
	who := "private"
	if v.Search.Cache != nil && v.Search.Cache.Public && c.GetHeader("Authorization") == "" {
		who = "public"
	}
	if left < time.Second {
		return who + ", no-cache"
	}
	return fmt.Sprintf("%s, max-age=%d, stale-if-error=%d", who, int(left.Seconds()), int(w.Stale.Seconds()))
}
