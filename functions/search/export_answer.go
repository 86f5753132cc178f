package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/sluice-dev/sluice/shared/export"
	"github.com/sluice-dev/sluice/shared/fault"
)

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
		if err == nil && len(hits) == 0 && !goesOn {
			err = p.all(ctx, out.rows)
		}
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
