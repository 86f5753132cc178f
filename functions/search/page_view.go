package main

import "net/http"

// html is the page.
func (p page) html() markup {
	title := "Sluice"
	if p.Now.Collection != nil {
		title = p.Now.Name + " · Sluice"
	}
	return tag(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
</head>
<body>
<header>%s%s</header>
<main>%s</main>
<footer><a href="openapi.json">API</a> · <a href="v1/collections">Collections and fields</a> · times are UTC</footer>
</body>
</html>
`, title, p.form(), p.filters(), p.body())
}

func (p page) form() markup {
	return tag(`
<form method="get" role="search">
<a class="brand" href="?">Sluice</a>
<label><span>Collection</span><select name="collection">%s</select></label>
<label class="grow"><span>Search</span><input type="search" name="q" value="%s" maxlength="1000" placeholder="words, field:value, field:&gt;100, AND OR NOT" spellcheck="false" autocomplete="off" autofocus></label>
%s%s
<button>Search</button>
</form>`,
		each(p.Collections, func(v view) markup { return option(v.Name, v.Name, v.Collection == p.Now.Collection) }),
		p.Values.Get("q"), when(p.timed(), p.timeField), p.kept())
}

// timeField is a length of time, or the two ends where the address has them.
func (p page) timeField() markup {
	if p.Values.Has("from") || p.Values.Has("to") {
		return each([]choice{{"from", "From (UTC)"}, {"to", "To"}}, func(c choice) markup {
			return tag(`<label><span>%s</span><input name="%s" value="%s" size="20" spellcheck="false"></label>`, c.text, c.value, p.Values.Get(c.value))
		})
	}
	return tag(`<label><span>Time</span><select name="since">%s</select></label>`,
		each(p.ranges(), func(c choice) markup { return option(c.value, c.text, c.value == p.Values.Get("since")) }))
}

func option(value, text string, chosen bool) markup {
	return tag(`<option value="%s"%s>%s</option>`, value, when(chosen, func() markup { return " selected" }), text)
}

// kept are the parameters that the form has no field for.
func (p page) kept() markup {
	var out markup
	for _, name := range []string{"filter", "sort", "fields", "size"} {
		out += each(p.Values[name], func(v string) markup { return tag(`<input type="hidden" name="%s" value="%s">`, name, v) })
	}
	return out
}

func (p page) filters() markup {
	list := p.Values["filter"]
	return when(len(list) > 0, func() markup {
		return tag(`<p class="filters">%s</p>`, each(list, func(f string) markup {
			return tag(`<a href="%s" title="Remove this filter">%s <b aria-hidden="true">×</b></a>`, p.without(f), f)
		}))
	})
}

func (p page) body() markup {
	if p.Problem != nil {
		return p.problem()
	}
	out := tag(`<p class="count" role="status"><b>%s</b> <span>in %s ms</span></p>`, p.count(), digits(p.Result.took))
	out += each(p.Result.completeness.Reasons, func(r string) markup {
		return tag(`<p class="partial" role="alert">Not complete: %s</p>`, r)
	})
	if len(p.Rows) == 0 {
		return out + `<p class="empty">Nothing matches. Take a longer time, fewer words, or remove a filter.</p>`
	}
	return out + p.table() + when(p.Result.next != "", func() markup {
		return tag(`<p class="next"><a href="%s">Next page</a></p>`, p.next())
	})
}

func (p page) problem() markup {
	said := tag(`<p>%s</p>`, p.Problem.Detail)
	if len(p.Problem.Errors) > 0 {
		said = each(p.faults(), func(f faulty) markup {
			place := when(f.at != "", func() markup {
				return tag(`<code>%s<mark>%s</mark>%s</code><br>`, f.before, f.at, f.after)
			})
			return tag(`<p>%s<b>%s</b>: %s</p>`, place, f.name, f.detail)
		})
	}
	title := p.Problem.Title
	if p.Problem.Status == http.StatusBadRequest {
		title = "This cannot be searched"
	}
	return tag(`<section class="problem" role="alert"><h1>%s</h1>%s</section>`, title, said)
}

func (p page) table() markup {
	head := when(p.timed(), func() markup { return `<th scope="col">Time</th>` })
	return tag(`<table><thead><tr>%s<th scope="col">Document</th></tr></thead><tbody>%s</tbody></table>`, head, each(p.Rows, p.line))
}

func (p page) line(r row) markup {
	return tag(`
<tr>%s<td><details><summary>%s<span class="pairs">%s</span></summary>
<p class="where">%s / <a href="%s" title="The whole document as JSON">%s</a></p><dl>%s</dl><pre tabindex="0">%s</pre></details></td></tr>`,
		when(p.timed(), func() markup { return tag(`<td class="time">%s</td>`, r.Time) }),
		when(r.Text != "", func() markup { return tag(`<bdi class="text">%s</bdi> `, r.Text) }),
		each(r.Rest, func(v pair) markup { return tag(`<i>%s</i> <bdi>%s</bdi> `, v.Name, v.Value) }),
		r.Index, p.document(r.ID), r.ID, each(r.Pairs, entry), r.JSON)
}

func entry(v pair) markup {
	return tag(`<dt>%s</dt><dd><bdi>%s</bdi>%s</dd>`, v.Name, v.Value, when(v.Only != "", func() markup {
		return tag(` <a href="%s" title="Only documents with this value">only this</a>`, v.Only)
	}))
}
