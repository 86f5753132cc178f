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
	c.Header("Cache-Control", "no-store")
	if !values.Has("deep") || values.Get("deep") == "0" {
		writeJSON(c, http.StatusOK, "application/json", gin.H{"status": "ok"})
		return nil
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), 3*time.Second)
	defer cancel()
	status, parts := http.StatusOK, gin.H{}
	for name, ping := range map[string]func(context.Context) error{"opensearch": s.opensearch.Ping, "queue": s.pingQueue} {
		parts[name] = "ok"
		if err := ping(ctx); err != nil {
			_ = c.Error(err)
			status, parts[name] = http.StatusServiceUnavailable, fault.Message(err)
		}
	}
	word := "ok"
	if status != http.StatusOK {
		word = "unavailable"
	}
	writeJSON(c, status, "application/json", gin.H{"status": word, "parts": parts})
	return nil
}

func (s *server) pingQueue(ctx context.Context) error {
	if s.queue == nil {
		return noQueue()
	}
	return s.queue.Ping(ctx)
}
