package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/query"
)

// chart is the histogram above the table.
type chart struct {
	histogram
	problem string // why there is none
}

// draw counts by time. The documents are there without it: that it fails is told in its place.
func (s *server) draw(ctx context.Context, p *page) {
	if !p.timed() || p.has("cursor") || p.has("offset") {
		return
	}
	values := p.search()
	for _, name := range []string{"sort", "fields", "size", "cursor", "offset"} {
		values.Del(name)
	}
	p.Chart = &chart{}
	h, err := query.ReadHistogram(p.Now.schema, values, s.now())
	if err == nil {
		p.Chart.histogram, err = s.histogram(ctx, p.Now, h)
	}
	if err != nil {
		p.Chart.problem = problemOf(err).Detail
	}
}

const barHeight = 600 // in units of the drawing, which is as high as the style says

func (p page) chart() markup {
	c := p.Chart
	if c == nil || c.problem == "" && (len(c.Buckets) == 0 || c.Documents == 0) {
		return ""
	}
	if c.problem != "" {
		return tag(`<p class="partial">There is no chart: %s</p>`, c.problem)
	}
	top := int64(1)
	for _, b := range c.Buckets {
		top = max(top, b.Count)
	}
	first, last := c.Buckets[0].From, c.Buckets[len(c.Buckets)-1].To
	return tag(`
<div class="chart" id="chart" tabindex="0" role="group" aria-label="Documents over time, one bar for %s. Arrow keys choose a bar, with Shift more of them; Enter searches that time, Escape lets go." data-times="%s">
<p class="top" aria-hidden="true">%s</p>
<svg viewBox="0 0 %s %s" preserveAspectRatio="none" role="img" aria-label="%s bars, the highest has %s documents" focusable="false"><g transform="matrix(1 0 0 -1 0 %s)">%s</g><rect class="brush" y="0" height="%s" width="0"/></svg>
<p class="ends"><span>%s</span><output id="bar" aria-live="polite">one bar is %s; drag to choose a time</output><span>%s</span></p>
</div>`,
		c.Interval, p.edges(), digits(top), fmt.Sprint(10*len(c.Buckets)), fmt.Sprint(barHeight), digits(int64(len(c.Buckets))), digits(top), fmt.Sprint(barHeight), p.bars(top), fmt.Sprint(barHeight),
		toMinute(first), c.Interval, toMinute(last))
}

// edges are, for the script, where the first bar and the second begin, where the last ends,
// and how many documents each has. Those between are equally long.
func (p page) edges() markup {
	list := p.Chart.Buckets
	second, third := list[0].To, list[0].To
	if len(list) > 1 {
		third = list[1].To
	}
	return tag("%s %s %s %s", list[0].From, second, third, list[len(list)-1].To) +
		each(list, func(b query.Bucket) markup { return tag(" %s", fmt.Sprint(b.Count)) })
}

func (p page) bars(top int64) markup {
	at := -10
	return each(p.Chart.Buckets, func(b query.Bucket) markup {
		at += 10
		if b.Count == 0 {
			return ""
		}
		height := max(b.Count*(barHeight-40)/top, 1)
		return tag(`<rect x="%s" height="%s"><title>%s: %s</title></rect>`, fmt.Sprint(at+1), fmt.Sprint(height), p.brief(b.From), digits(b.Count))
	})
}

func toMinute(text string) markup {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return tag(`%s`, text)
	}
	return tag(`<time datetime="%s" data-short>%s</time>`, text, t.Format("2006-01-02 15:04"))
}

// brief is when a bar begins, as far as its chart needs it.
func (p page) brief(text string) string {
	t, err := time.Parse(time.RFC3339Nano, text)
	switch {
	case err != nil:
		return text
	case strings.HasSuffix(p.Chart.Interval, "s"):
		return t.Format("15:04:05")
	case strings.HasSuffix(p.Chart.Interval, "m"):
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}
