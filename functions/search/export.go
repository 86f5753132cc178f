package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/export"
	"github.com/sluice-dev/sluice/shared/fault"
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
	v, err := s.view(c)
	if err != nil {
		return err
	}
	values, err := parameters(c)
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
		header.Set("X-Next-Cursor", out.next)
		header.Set("Link", "<"+c.Request.URL.EscapedPath()+"?"+behind(values, out.next)+`>; rel="next"`)
	}
	c.Data(http.StatusOK, format.Type(), out.body)
	return nil
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

// answer fills an answer with pages. A page that fails ends it: what has been read is whole
// as far as it goes, and next goes on there.
func (p *pages) answer(ctx context.Context, format export.Format, goesOn bool) (exported, error) {
	var out exported
	if !goesOn {
		out.body = format.Head()
	}
	room := p.server.limit - carried(out.body)
	for done := false; !done; {
		hits, err := p.next(ctx)
		if err != nil && out.rows == 0 {
			return out, err
		}
		taken, err2 := out.take(format, hits, &room)
		if err2 != nil {
			return out, err2
		}
		if err != nil || taken < len(hits) {
			if err != nil {
				p.log.WarnContext(ctx, "export ends early", "rows", out.rows, "error", err)
			}
			if out.next, err = p.after(hits[:taken]); err != nil {
				return out, err
			}
			break
		}
		if done = len(hits) == 0; !done {
			if err := p.behind(hits); err != nil {
				return out, err
			}
		}
	}
	if out.next == "" {
		out.why = judge(found{}, p.where).Reasons
	}
	out.body = append(out.body, out.last(format)...)
	return out, nil
}

func (p *pages) after(hits []hit) (string, error) {
	if len(hits) > 0 {
		if err := p.behind(hits); err != nil {
			return "", err
		}
	}
	return p.cursor()
}

// take adds documents while there is room for them, and says how many.
func (e *exported) take(format export.Format, hits []hit, room *int) (int, error) {
	for i, d := range hits {
		was := len(e.body)
		var err error
		if e.body, err = format.Append(e.body, export.Row{ID: d.ID, Index: d.Index, Source: d.Source}); err != nil {
			return i, unreadable(err)
		}
		if *room -= carried(e.body[was:]); *room < 0 {
			e.body = e.body[:was]
			if e.rows == 0 {
				return i, fault.New(fault.TooLarge, fmt.Sprintf("document %q alone is larger than an answer may be: ask for parts of it with fields=, or start a job with POST /exports", d.ID))
			}
			return i, nil
		}
		e.rows++
	}
	return len(hits), nil
}

// last is the line that tells a file's reader whether it is all. A CSV that is has none.
func (e *exported) last(format export.Format) []byte {
	complete := e.next == "" && len(e.why) == 0
	if format.Name() == "ndjson" {
		end := struct {
			Complete bool     `json:"complete"`
			Rows     int      `json:"rows"`
			Next     *string  `json:"next"`
			Reasons  []string `json:"reasons"`
		}{complete, e.rows, nil, append([]string{}, e.why...)}
		if e.next != "" {
			end.Next = &e.next
		}
		return append(append([]byte(`{"export":`), jsonOf(end)...), "}\n"...)
	}
	switch {
	case e.next != "":
		return []byte("# not complete: go on with cursor=" + e.next + "\r\n")
	case !complete:
		return []byte(`"# not complete: ` + strings.ReplaceAll(strings.Join(e.why, "; "), `"`, `""`) + "\"\r\n")
	}
	return nil
}
