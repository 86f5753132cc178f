package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/export"
	"github.com/sluice-dev/sluice/shared/query"
)

// answerKeep is how long a point in time waits for an answer's next page.
const answerKeep = time.Minute

// exported is what one answer of an export carries.
type exported struct {
	body []byte
	rows int
	next string // cursor; empty: nothing is left
	why  []string
}

// getExport is as much of an export as an answer can carry, and how to go on.
func (s *server) getExport(c *gin.Context) error {
	v, values, err := s.addressed(c)
	if err != nil {
		return err
	}
	request, err := query.ReadExport(v.schema, values, s.now())
	if err != nil {
		return err
	}
	ctx, cancel := answerable(c.Request.Context())
	defer cancel()
	p, err := s.pages(ctx, v, request, s.cfg.timeout(), answerKeep)
	if err != nil {
		return err
	}
	defer p.close(ctx)
	p.went = values.Has("cursor")
	format := formatOf(v, request)
	out, err := p.answer(ctx, format, values.Has("cursor"))
	if err != nil {
		return err
	}
	header := c.Writer.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", v.Name+"."+format.Name()))
	header.Set("X-Export-Complete", strconv.FormatBool(out.next == "" && len(out.why) == 0))
	header.Set("X-Export-Rows", strconv.Itoa(out.rows))
	header.Set("X-Export-Consistency", p.consistency())
	if out.next != "" {
		setWithin(header, "X-Next-Cursor", out.next)
		setWithin(header, "Link", "<"+c.Request.URL.EscapedPath()+"?"+behind(values, out.next)+`>; rel="next"`)
	}
	c.Data(http.StatusOK, format.Type(), out.body)
	return nil
}

// mostHeaders is how many bytes an answer's headers may have: API Gateway takes 10,240, its own
// among them, and answers 500 instead of more.
const mostHeaders = 8 << 10

// setWithin leaves a header out that is too long; the last line of the body says the same.
func setWithin(header http.Header, name, value string) {
	size := len(name) + len(value)
	for other, values := range header {
		for _, one := range values {
			size += len(other) + len(one)
		}
	}
	if size <= mostHeaders {
		header.Set(name, value)
	}
}

func behind(values url.Values, cursor string) string {
	values = maps.Clone(values)
	values.Set("cursor", cursor)
	return values.Encode()
}

// formatOf writes documents as the request asks for them.
func formatOf(v view, request query.Request) export.Format {
	if request.Format == "csv" {
		fields := request.Fields()
		if len(fields) > 0 {
			return export.NewCSV(fields, false, request.Formulas)
		}
		return export.NewCSV(v.columns(), true, request.Formulas)
	}
	return export.NDJSON{}
}

// columns are the collection's fields: the time, the id's, then by name.
func (v view) columns() []string {
	first := slices.Clone(v.schema.ID)
	if v.schema.Time != "" {
		first = append([]string{v.schema.Time}, first...)
	}
	for _, name := range slices.Sorted(maps.Keys(v.Fields)) {
		if !slices.Contains(first, name) && !v.Hides(name) {
			first = append(first, name)
		}
	}
	return first
}
