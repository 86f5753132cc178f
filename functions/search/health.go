package main

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/fault"
)

// getHealth says that the function runs; with ?deep=1 also that what it needs answers.
func (s *server) getHealth(c *gin.Context) error {
	values, err := only(c, "deep")
	if err != nil {
		return err
	}
	deep := values.Get("deep")
	if values.Has("deep") && deep != "0" && deep != "1" {
		return fault.New(fault.Invalid, "deep is 1 (ask OpenSearch and the queue too) or 0")
	}
	c.Header("Cache-Control", "no-store")
	if deep != "1" {
		writeJSON(c, http.StatusOK, "application/json", gin.H{"status": "ok"})
		return nil
	}
	parts := gin.H{"opensearch": pinged(c, s.opensearch.Ping), "queue": "none"} // a deployment may only search
	if s.queue != nil {
		parts["queue"] = pinged(c, s.queue.Ping)
	}
	status, word := http.StatusOK, "ok"
	if len(c.Errors) > 0 {
		status, word = http.StatusServiceUnavailable, "unavailable"
	}
	writeJSON(c, status, "application/json", gin.H{"status": word, "parts": parts})
	return nil
}

// patience is how long a part may take to answer.
const patience = 3 * time.Second

// pinged is ok, or what is wrong with a part.
func pinged(c *gin.Context, ping func(context.Context) error) string {
	ctx, cancel := context.WithTimeout(c.Request.Context(), patience)
	defer cancel()
	if err := ping(ctx); err != nil {
		_ = c.Error(err)
		return fault.Message(err)
	}
	return "ok"
}
