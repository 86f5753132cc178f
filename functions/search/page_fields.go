package main

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sluice-dev/sluice/shared/query"
)

// valueList are the values of the field that is opened in the list of fields.
type valueList struct {
	fieldValues
	stats   *fieldStats // nil: there are none to be had
	problem string
}

func (s *server) topValues(ctx context.Context, p *page, field string) *valueList {
	values := p.search()
	for _, name := range []string{"sort", "fields", "size", "cursor", "offset"} {
		values.Del(name)
	}
	values.Set("field", field)
	list := &valueList{}
	var both sync.WaitGroup
	both.Go(func() {
		if stats, err := s.stats(ctx, p.Now, values); err == nil { // else the values say why
			list.stats = &stats
		}
	})
	request, err := query.ReadValues(p.Now.schema, values, s.now())
	if err == nil {
		list.fieldValues, err = s.values(ctx, p.Now, request)
	}
	both.Wait()
	list.Field = field
	if err != nil {
		list.problem = problemOf(err).Detail
	}
	return list
}

// mostFields is how much of an answer the list of fields takes: each holds the search twice.
const mostFields = 500_000

// fields lists what there is to search by, and the values of one of them.
func (p page) fields() markup {
	if p.Now.Collection == nil {
		return ""
	}
	names, room, left := slices.Sorted(maps.Keys(p.Now.schema.Fields)), mostFields, 0
	list := each(names, func(name string) markup {
		one := p.field(name)
		if room -= carried([]byte(one)); room < 0 {
			left++
			return ""
		}
		return one
	})
	more := when(left > 0, func() markup {
		return tag(`<li><span>%s more: write their names</span></li>`, digits(int64(left)))
	})
	return tag(`
<nav class="fields" id="fields" aria-label="Fields" tabindex="-1"><a class="back" href="#main">Documents</a><h2>Fields</h2>
<input type="search" id="find" placeholder="Find a field" aria-label="Find a field" hidden>
<ul>%s</ul></nav>`, list+more)
}

func (p page) field(name string) markup {
	f := p.Now.schema.Fields[name]
	shown, open := slices.Contains(p.columns(), name), p.Values != nil && p.Values.Field == name
	label := "Show the column " + name
	if shown {
		label = "Hide the column " + name
	}
	doc := p.Now.Fields[name].Doc
	title := tag(`<span class="kind" title="%s">%s</span><span class="name">%s</span>`, f.Type, symbol(f.Type), breakable(name))
	if countable(f) && p.can["/v1/:collection/values"] {
		title = tag(`<a class="values" href="%s" aria-expanded="%s"%s>%s</a>`, p.stay("values", name), strconv.FormatBool(open),
			when(doc != "", func() markup { return tag(` title="%s"`, doc) }), title)
	} else {
		title = tag(`<span class="values"%s>%s</span>`, when(doc != "", func() markup { return tag(` title="%s"`, doc) }), title)
	}
	return tag(`<li data-field="%s">%s<a class="column" href="%s" aria-label="%s">%s</a>%s</li>`, name, title, p.column(name), label,
		map[bool]string{true: "−", false: "+"}[shown], when(open, func() markup { return p.Values.html(p.state) }))
}

// countable says whether a field's values are counted by.
func countable(f query.Field) bool {
	switch f.Type {
	case "text", "flat_object", "object", "nested", "geo_point", "binary", "wildcard":
		return false
	}
	return !f.Unsortable
}

// symbol is a type in one or two characters.
func symbol(kind string) string {
	switch kind {
	case "date":
		return "d"
	case "keyword", "wildcard":
		return "k"
	case "text":
		return "t"
	case "boolean":
		return "✓"
	case "ip":
		return "ip"
	case "flat_object", "object", "nested":
		return "{}"
	case "geo_point":
		return "⌖"
	}
	return "#"
}

func (l *valueList) html(t state) markup {
	if l.problem != "" {
		return tag(`<div class="top"><p>%s</p></div>`, l.problem)
	}
	if len(l.Values) == 0 {
		return `<div class="top"><p>No value in what was found.</p></div>`
	}
	most := int64(1)
	for _, v := range l.Values {
		most = max(most, v.Count)
	}
	note := documents(l.Documents)
	if l.Missing > 0 && l.stats == nil {
		note += ", " + digits(l.Missing) + " without it"
	}
	if l.Other > 0 {
		note += ", " + digits(l.Other) + " other values"
	}
	if l.ErrorBound > 0 {
		note += "; counts may be too low by " + digits(l.ErrorBound)
	}
	if !l.Completeness.Complete {
		note += "; not complete"
	}
	if c := l.Completeness.Cache; c != nil {
		note += "; from cache, " + spoken(c.Age) + " old"
	}
	return tag(`<div class="top">%s<ol aria-label="Most frequent values of %s">%s</ol><p>%s · <a href="%s">has it</a> <a href="%s">lacks it</a></p></div>`,
		l.stats.html(), l.Field, each(l.Values, func(v query.Value) markup { return l.value(t, v, most) }), note, t.also(word(l.Field)+":*"), t.also("NOT "+word(l.Field)+":*"))
}

func (l *valueList) value(t state, v query.Value, most int64) markup {
	text := plain(v.Value)
	links := when(!v.Cut, func() markup { return t.narrow(l.Field, text) })
	return tag(`<li><bdi title="%s">%s</bdi><span class="n">%s</span><span class="acts">%s</span><meter min="0" max="%s" value="%s" aria-label="of the most frequent"></meter></li>`,
		clip(text, 200), clip(text, 100), digits(v.Count), links, strconv.FormatInt(most, 10), strconv.FormatInt(v.Count, 10))
}

// plain is a JSON value as filters take it: a string without its quotes, all else as it is.
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// breakable lets a name go on in the next line after a dot.
func breakable(name string) markup {
	return markup(strings.ReplaceAll(string(tag(`%s`, name)), ".", ".<wbr>"))
}
