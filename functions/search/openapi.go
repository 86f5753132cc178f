package main

import (
	_ "embed"
	"net/http"

	"github.com/gin-gonic/gin"
)

//go:embed openapi.json
var openAPI []byte

func (s *server) getOpenAPI(c *gin.Context) error {
	if _, err := only(c); err != nil {
		return err
	}
	c.Header("Cache-Control", "max-age=300")
	c.Data(http.StatusOK, "application/json", openAPI)
	return nil
}
