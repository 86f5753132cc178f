package main

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// with is the page's address with one parameter more; paging begins again.
func (p page) with(name, value string) string {
	values := p.copy()
	if !slices.Contains(values[name], value) {
		values.Add(name, value)
	}
	return "?" + values.Encode()
}

// without is the page's address without one filter.
func (p page) without(filter string) string {
	values := p.copy()
	values["filter"] = slices.DeleteFunc(slices.Clone(values["filter"]), func(f string) bool { return f == filter })
	return "?" + values.Encode()
}

func (p page) copy() url.Values {
	values := maps.Clone(p.Values)
	if p.Now.Collection != nil {
		values.Set("collection", p.Now.Name)
	}
	values.Del("cursor")
	values.Del("offset")
	return values
}

// next is the address of the page behind this one.
func (p page) next() string {
	values := p.copy()
	values.Set("cursor", p.Result.next)
	return "?" + values.Encode()
}

// document is the API's address of one document.
func (p page) document(id string) string {
	return "v1/" + p.Now.Name + "/documents/" + url.PathEscape(id)
}

// digits groups thousands.
func digits(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return strings.TrimPrefix(text, ",")
}
