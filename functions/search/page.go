package main

import (
	_ "embed"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/fault"
)

//go:embed page.css
var pageCSS []byte

// pagePolicy lets nothing run and nothing load but our style: a document that holds HTML
// stays text.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// page is what the page shows.
type page struct {
	Collections []view
	Now         view
	Values      url.Values
	Rows        []row
	Result      result
	Problem     *problem
}

func (s *server) getPage(c *gin.Context) error {
	values, err := parameters(c)
	if err != nil {
		return err
	}
	p := page{Collections: s.collections, Values: given(values)}
	status := http.StatusOK
	if err := s.fill(c, &p); err != nil {
		_ = c.Error(err)
		problem := problemOf(err)
		p.Problem, status = &problem, problem.Status
	}
	c.Header("Content-Security-Policy", pagePolicy)
	c.Header("Referrer-Policy", "same-origin")
	c.Header("Cache-Control", "no-store")
	c.Data(status, "text/html; charset=utf-8", []byte(p.html()))
	return nil
}

// fill searches what the form says.
func (s *server) fill(c *gin.Context, p *page) error {
	if len(s.collections) == 0 {
		return fault.New(fault.NotFound, "there are no collections: put one into the folder collections/")
	}
	p.Now = s.collections[0]
	name := p.Now.Name
	if chosen := p.Values.Get("collection"); chosen != "" {
		name = chosen
	}
	v, err := s.named(c, name)
	if err != nil {
		return err
	}
	p.Now = v
	search := url.Values{}
	for name, list := range p.Values {
		if name != "collection" {
			search[name] = list
		}
	}
	if p.Now.schema.MaxRange > 0 && !search.Has("from") && !search.Has("since") {
		search.Set("since", p.Now.Search.MaxRange)
	}
	if p.Result, err = s.search(c.Request.Context(), p.Now, search, p.weight); err != nil {
		return err
	}
	for _, d := range p.Result.documents {
		p.Rows = append(p.Rows, p.row(d))
	}
	return nil
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

func (s *server) getStyle(c *gin.Context) error {
	c.Header("Cache-Control", "max-age=300")
	c.Data(http.StatusOK, "text/css; charset=utf-8", pageCSS)
	return nil
}
