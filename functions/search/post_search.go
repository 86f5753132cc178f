package main

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

// postSearch is getSearch with its query, aggregations and the like in a body.
func (s *server) postSearch(c *gin.Context) error {
	v, values, err := s.addressed(c)
	if err != nil {
		return err
	}
	body, err := readSearchBody(c)
	if err != nil {
		return err
	}
	request, err := query.ReadBody(v.schema, values, body, s.now())
	if err != nil {
		return err
	}
	if request.Explains() {
		return s.explain(c, v, request)
	}
	r, err := s.page(c.Request.Context(), v, request, weight)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "application/json", r.json())
	return nil
}

// readSearchBody reads a body that is called JSON, or not called anything.
func readSearchBody(c *gin.Context) ([]byte, error) {
	given := c.GetHeader("Content-Type")
	kind, _, err := mime.ParseMediaType(given)
	if given != "" && (err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json")) {
		return nil, refuse(http.StatusUnsupportedMediaType, "unsupported_media_type", "a search is posted as JSON: send Content-Type: application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, query.MaxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, fault.New(fault.TooLarge, fmt.Sprintf("the body is over %d bytes, more than any search needs", query.MaxBody))
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "the body cannot be read", err)
	}
	return body, nil
}
