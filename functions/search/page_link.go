package main

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// link is the page's address with a change; paging begins again, nothing is open.
func (t state) link(change func(url.Values)) string {
	values := maps.Clone(t.given)
	for _, name := range []string{"cursor", "offset", "open", "context", "values", "part", "id", "more"} {
		values.Del(name)
	}
	if t.Now.Collection != nil {
		values.Set("collection", t.Now.Name)
	}
	change(values)
	return "?" + values.Encode()
}

func (t state) set(name, value string) string {
	return t.link(func(v url.Values) { v.Set(name, value) })
}

func (t state) unset(names ...string) string {
	return t.link(func(v url.Values) {
		for _, name := range names {
			v.Del(name)
		}
	})
}

// with adds a filter.
func (t state) with(filter string) string {
	return t.link(func(v url.Values) {
		if !slices.Contains(v["filter"], filter) {
			v["filter"] = append(slices.Clone(v["filter"]), filter)
		}
	})
}

// without is the page's address without one filter.
func (t state) without(filter string) string {
	return t.link(func(v url.Values) {
		v["filter"] = slices.DeleteFunc(slices.Clone(v["filter"]), func(f string) bool { return f == filter })
	})
}

// except adds to the text that a field has not this value.
func (t state) except(name, value string) string {
	return t.also(`NOT ` + word(name) + `:"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`)
}

// also narrows the text by a clause.
func (t state) also(clause string) string {
	return t.link(func(v url.Values) {
		switch q := strings.TrimSpace(v.Get("q")); {
		case q == "":
			v.Set("q", clause)
		case strings.Contains(q, "OR") || strings.Contains(q, "||"):
			v.Set("q", "("+q+") AND "+clause)
		default:
			v.Set("q", q+" "+clause)
		}
	})
}

// word writes a field's name as the text of q has to have it.
func word(name string) string {
	var out strings.Builder
	for _, r := range name {
		if strings.ContainsRune(`\ ():"[]{}<>*?+-!/~^&|`, r) {
			out.WriteRune('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// column shows a field beside the time, or no longer.
func (t state) column(name string) string {
	list := t.columns()
	if i := slices.Index(list, name); i >= 0 {
		list = slices.Delete(list, i, i+1)
	} else {
		list = append(list, name)
	}
	if len(list) == 0 {
		return t.unset("columns")
	}
	return t.set("columns", strings.Join(list, ","))
}

// stay is this very page with a document or a field opened.
func (t state) stay(name, value string) string {
	values := maps.Clone(t.given)
	values.Del("part")
	values.Del("id")
	values.Set("collection", t.Now.Name)
	if values.Set(name, value); value == "" {
		values.Del(name)
	}
	return "?" + values.Encode()
}

// next is the address of the page behind this one.
func (p page) next() string {
	return p.set("cursor", p.Result.next)
}

// document is the API's address of one document.
func (t state) document(id string) string {
	return "v1/" + t.Now.Name + "/documents/" + url.PathEscape(id)
}

// api is the address of one of the collection's searches.
func (t state) api(what string, more url.Values) string {
	values := t.search()
	values.Del("cursor")
	values.Del("offset")
	maps.Copy(values, more)
	return "v1/" + t.Now.Name + "/" + what + "?" + values.Encode()
}

// digits groups thousands.
func digits(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return strings.TrimPrefix(text, ",")
}
