package main

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/sluice-dev/sluice/shared/query"
)

// neighbourhood is a document among those that happened before and after it.
type neighbourhood struct {
	around
	each int // asked for on either side
}

const (
	fewNeighbours  = 10
	mostNeighbours = 100
)

func (s *server) neighbours(ctx context.Context, p *page) error {
	n, err := strconv.Atoi(p.get("more"))
	if err != nil || n < 1 || n > mostNeighbours {
		n = fewNeighbours
	}
	values := url.Values{"id": {p.get("context")}, "before": {strconv.Itoa(n)}, "after": {strconv.Itoa(n)}}
	if list := p.given["filter"]; len(list) > 0 {
		values["filter"] = list
	}
	request, err := query.ReadContext(p.Now.schema, values, s.now())
	if err != nil {
		return err
	}
	found, err := s.around(ctx, p.Now, request)
	if err != nil {
		return err
	}
	p.Around = &neighbourhood{found, n}
	return nil
}

// neighbours shows the newest on top, as the list of documents does.
func (p page) neighbours() markup {
	a := p.Around
	list := slices.Concat(a.after, []hit{a.document}, a.before)
	slices.Reverse(list[:len(a.after)])
	lines := each(list, func(d hit) markup { return p.line(p.row(d)) })
	more := when(a.each < mostNeighbours && (len(a.before) == a.each || len(a.after) == a.each), func() markup {
		return tag(` <a href="%s">More of them</a>`, p.link(func(v url.Values) {
			v.Set("context", a.document.ID)
			v.Set("more", strconv.Itoa(min(a.each*3, mostNeighbours)))
		}))
	})
	return partial(a.completeness) + tag(`<div class="tools"><h1 class="count">%s after, %s before</h1><span class="took">documents around <bdi>%s</bdi>%s%s</span><a href="%s">Back to the search</a>%s</div>%s`,
		digits(int64(len(a.after))), digits(int64(len(a.before))), a.document.ID, when(p.has("filter"), func() markup { return " that have the filters" }), p.age(", ", a.completeness.Cache), p.unset(), more, p.grid(lines))
}
