package main

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

// page is what the page shows. It writes its HTML itself, every state of it has an
// address, and what its script adds to it are parts of it (docs/adr/180).
type page struct {
	state
	Theme       string // dark or light; empty: the system's
	Collections []view
	Rows        []row
	Result      result
	Problem     *problem
	Chart       *chart
	Values      *valueList
	Around      *neighbourhood
	can         map[string]bool // which routes there are
}

func (s *server) getPage(c *gin.Context) error {
	values, err := parameters(c)
	if err != nil {
		return err
	}
	if values.Has("theme") {
		return chooseTheme(c, values)
	}
	if values.Has("anew") {
		values.Del("anew")
		c.Request = c.Request.WithContext(asAnew(c.Request.Context()))
	}
	p := page{Collections: s.collections, Theme: themeOf(c), can: s.offers(), state: state{given: normal(values)}}
	status := http.StatusOK
	write, err := s.fill(c, &p)
	if err != nil {
		_ = c.Error(err)
		problem := problemOf(err)
		p.Problem, status = &problem, problem.Status
	}
	secure(c)
	c.Data(status, "text/html; charset=utf-8", []byte(write(p)))
	return nil
}

// fill finds what the address asks for, and says how it is shown.
func (s *server) fill(c *gin.Context, p *page) (func(page) markup, error) {
	write := page.html
	if p.has("part") {
		write = page.fragment
	}
	if len(s.collections) == 0 {
		return write, fault.New(fault.NotFound, "there are no collections: put one into the folder collections/")
	}
	name := cmp.Or(p.get("collection"), s.collections[0].Name)
	v, err := s.named(c, name)
	if err != nil {
		return write, err
	}
	p.Now = v
	p.limit()
	if p.has("part") {
		return s.part(c.Request.Context(), p)
	}
	return write, s.look(c.Request.Context(), p)
}

// look finds the documents and what stands around them.
func (s *server) look(ctx context.Context, p *page) error {
	if p.has("context") {
		return s.neighbours(ctx, p)
	}
	asked := p.search()
	if p.can["highlight"] && p.has("q") {
		asked.Set("highlight", "true")
	}
	var err error
	if p.Result, err = s.search(ctx, p.Now, asked, p.weight); err != nil {
		return err
	}
	for _, d := range p.Result.documents {
		p.Rows = append(p.Rows, p.row(d))
	}
	s.draw(ctx, p)
	if field := p.get("values"); field != "" {
		p.Values = s.topValues(ctx, p, field)
	}
	return nil
}

// offers says which of the API there is to link to.
func (s *server) offers() map[string]bool {
	can := map[string]bool{"highlight": slices.Contains(query.Parameters(), "highlight"), "cost": slices.Contains(query.Parameters(), "explain")}
	for _, r := range s.routes() {
		can[r.path] = true
	}
	return can
}

// given drops what a form sends of fields left empty.
func given(values url.Values) url.Values {
	out := url.Values{}
	for name, list := range values {
		for _, v := range list {
			if v != "" {
				out.Add(name, v)
			}
		}
	}
	return out
}
