package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/sluice-dev/sluice/shared/query"
)

// newest waits for documents that are new and writes them as rows; the cursor in it goes
// on behind them.
func (s *server) newest(ctx context.Context, p *page) (markup, error) {
	values := url.Values{"wait": {"0s"}} // to begin with, only where it begins
	// from= would begin with what was stored long ago
	for _, name := range []string{"q", "filter", "to"} {
		if list := p.given[name]; len(list) > 0 && (name != "to" || p.Now.schema.MaxRange == 0) {
			values[name] = list
		}
	}
	if p.has("q") {
		values.Set("highlight", "true")
	}
	if cursor := p.get("more"); cursor != "" {
		values.Set("cursor", cursor)
		values.Set("wait", cmp.Or(p.get("wait"), "20s"))
	}
	tail, err := query.ReadTail(p.Now.schema, values, s.now())
	if err != nil {
		return "", err
	}
	answer, err := s.tail(ctx, p.Now, tail)
	if err != nil {
		return "", err
	}
	var news struct {
		Documents []struct {
			ID, Index         string
			Source, Highlight json.RawMessage
		}
		Next         string
		Lag          *int64 `json:"lag_ms"`
		Completeness completeness
	}
	if err := json.Unmarshal(answer, &news); err != nil {
		return "", unreadable(err)
	}
	p.given.Del("more")
	p.given.Del("wait") // the rows' links lead to this page, not to the tail
	var lines markup
	for _, d := range news.Documents {
		lines += p.line(p.row(hit{ID: d.ID, Index: d.Index, Source: d.Source, Highlight: d.Highlight}))
	}
	note := "Live: waiting for new documents"
	if news.Lag != nil {
		note = "Live: the newest happened " + digits(*news.Lag) + " ms before it was shown"
	}
	for _, r := range news.Completeness.Reasons {
		note += "; not complete: " + r
	}
	settled := cmp.Or(settledOf(p.Now.Index), 30*time.Second) // until then what was stored before can turn up
	return tag(`<p data-next="%s" data-settled="%s">%s</p><table><tbody>%s</tbody></table>`, news.Next, fmt.Sprint(settled.Milliseconds()), note, lines), nil
}
