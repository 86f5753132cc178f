package main

import (
	"net/url"
	"slices"
	"strings"
)

func (p page) table() markup { return p.grid(each(p.Rows, p.line)) }

// grid is the table around some lines.
func (p page) grid(lines markup) markup {
	head := tag(`<th scope="col" class="toggle"><span class="quiet">Open</span></th>`)
	head += when(p.timed(), func() markup { return p.heading(p.Now.schema.Time, "Time", false) })
	columns := p.columns()
	if len(columns) == 0 {
		head += `<th scope="col">Document</th>`
	}
	head += each(columns, func(name string) markup { return p.heading(name, name, true) })
	return tag(`<div class="scroll" tabindex="0" role="region" aria-label="Documents"><table class="%s" id="documents"><thead><tr>%s</tr></thead><tbody>%s</tbody></table></div>`,
		map[bool]string{true: "whole", false: "columns"}[len(columns) == 0], head, lines)
}

// heading sorts by its field, and takes its column away.
func (p page) heading(name, title string, removable bool) markup {
	class, order, next := "", "", name+":desc"
	switch p.sorted() {
	case name + ":desc":
		order, next = "descending", name+":asc"
	case name + ":asc", name:
		order = "ascending"
	}
	f, known := p.Now.schema.Field(name)
	switch {
	case name == p.Now.schema.Time:
		class = ` class="time"`
	case f.Type == "text":
		class = ` class="wide"`
	}
	label := breakable(title)
	if known && f.Sortable() {
		label = tag(`<a href="%s" title="Sort by %s">%s<span class="arrow" aria-hidden="true"></span></a>`, p.set("sort", next), name, label)
	}
	return tag(`<th scope="col"%s%s><div>%s%s</div></th>`, markup(class),
		when(order != "", func() markup { return tag(` aria-sort="%s"`, order) }), label,
		when(removable, func() markup {
			return tag(`%s<a class="remove" href="%s" aria-label="Remove the column %s">×</a>`, p.moved(name), p.column(name), name)
		}))
}

// moved puts a column one place to the left.
func (p page) moved(name string) markup {
	list := p.columns()
	i := slices.Index(list, name)
	if i < 1 {
		return ""
	}
	list = slices.Clone(list)
	list[i-1], list[i] = list[i], list[i-1]
	return tag(`<a class="move" href="%s" aria-label="Move the column %s to the left">‹</a>`, p.set("columns", strings.Join(list, ",")), name)
}

// sorted is the first key of the order that the documents are in.
func (p page) sorted() string {
	if s := p.get("sort"); s != "" {
		first, _, _ := strings.Cut(s, ",")
		return first
	}
	if s := p.Now.schema.Sort; s != "" {
		first, _, _ := strings.Cut(s, ",")
		return first
	}
	if p.timed() {
		return p.Now.schema.Time + ":desc"
	}
	return ""
}

// count is the headline: how many match, honest about what is not known.
func (p page) count() string {
	text := documents(p.Result.total.Value)
	if !p.Result.completeness.TotalIsExact {
		return "at least " + text
	}
	return text
}

func documents(n int64) string {
	if n == 1 {
		return "1 document"
	}
	return digits(n) + " documents"
}

// price leads to what the search costs; the script shows it while one writes.
func (p page) price() markup {
	return when(p.can["cost"], func() markup {
		return tag(` <a class="price" href="%s">Cost</a>`, p.api("search", url.Values{"explain": {"cost"}}))
	})
}

// exports are the documents found as files.
func (p page) exports() markup {
	if !p.can["/v1/:collection/export"] {
		return ""
	}
	more := func(format string) url.Values {
		v := url.Values{"format": {format}}
		if list := p.columns(); len(list) > 0 {
			if p.timed() && !slices.Contains(list, p.Now.schema.Time) {
				list = append([]string{p.Now.schema.Time}, list...)
			}
			v.Set("fields", strings.Join(list, ","))
		}
		return v
	}
	return tag(`<span class="exports">Export <a download="%s.ndjson" href="%s">NDJSON</a> <a download="%s.csv" href="%s">CSV</a></span>`,
		p.Now.Name, p.api("export", more("ndjson")), p.Now.Name, p.api("export", more("csv")))
}
