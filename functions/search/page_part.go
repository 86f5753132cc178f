package main

import "context"

// part answers the script with one part of the page.
func (s *server) part(ctx context.Context, p *page) (func(page) markup, error) {
	var out markup
	var err error
	switch p.get("part") {
	case "document":
		out, err = s.one(ctx, p, p.get("id"))
	case "values":
		out = s.topValues(ctx, p, p.get("values")).html(p.state)
	case "tail":
		out, err = s.newest(ctx, p)
	default:
		return page.html, s.look(ctx, p)
	}
	return func(p page) markup {
		if p.Problem != nil {
			return p.fragment()
		}
		return tag("<!doctype html><html lang=\"en\"><title>part</title><body>%s", out)
	}, err
}

// fragment is what went wrong with a part.
func (p page) fragment() markup {
	return tag("<!doctype html><html lang=\"en\"><title>problem</title><body>%s", p.problem())
}
