package main

// html is the whole page.
func (p page) html() markup {
	title := "Sluice"
	if p.Now.Collection != nil {
		title = p.Now.Name + " · Sluice"
	}
	return tag(`<!doctype html>
<html lang="en"%s>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css?v=%s">
<script type="module" src="page.js?v=%s"></script>
</head>
<body data-collection="%s" data-search="%s" data-can="%s" data-here="%s"%s>
<a class="skip" href="#main">To the documents</a>
<header>
<div class="line"><a class="brand" href="?">Sluice</a>%s%s</div>
%s
</header>
<div class="sides">%s<main id="main" tabindex="-1">%s</main></div>
<footer>%s</footer>
<p id="said" role="status"></p>
%s</body>
</html>
`, when(p.Theme != "", func() markup { return tag(` data-theme="%s"`, p.Theme) }),
		title, style().version, script().version, p.name(), p.search().Encode(), p.abilities(), p.given.Encode(),
		when(p.local(), func() markup { return ` data-tz="local"` }),
		p.form(), p.buttons(), p.filters(), p.fields(), p.body(), p.footer(), help)
}

// abilities are the parts of the API that the script may use.
func (p page) abilities() string {
	out := ""
	for _, name := range []string{"suggest", "tail"} {
		if p.can["/v1/:collection/"+name] {
			out += name + " "
		}
	}
	if p.can["cost"] {
		out += "cost"
	}
	return out
}

func (p page) buttons() markup {
	dark, light := p.set("theme", "dark"), p.set("theme", "light")
	return tag(`<nav class="buttons" aria-label="Page"><a class="theme dark" href="%s">Dark</a><a class="theme light" href="%s">Light</a><button type="button" popovertarget="help" aria-label="Help and keys">?</button></nav>`, dark, light)
}

func (p page) body() markup {
	switch {
	case p.Problem != nil:
		return p.problem()
	case p.Around != nil:
		return p.neighbours()
	}
	out := partial(p.Result.completeness) + p.chart()
	out += tag(`<div class="tools"><h1 class="count">%s</h1><span class="took">%s</span>%s%s</div>`, p.count(), p.took(), toFields+p.live(), p.exports()+p.price())
	out += `<p id="lag" aria-live="off"></p>`
	if len(p.Rows) == 0 {
		return out + p.nothing()
	}
	return out + p.table() + when(p.Result.next != "", func() markup {
		return tag(`<p class="next"><a href="%s" rel="next">Next page</a></p>`, p.next())
	})
}

// toFields is for narrow screens, where the fields are below the documents.
const toFields markup = `<a class="tofields" href="#fields">Fields</a>`

// partial says what is missing, and why.
func partial(c completeness) markup {
	return when(len(c.Reasons) > 0, func() markup {
		return tag(`<section class="partial" role="alert" aria-label="Not complete"><b>Not complete.</b> %s</section>`,
			each(c.Reasons, func(r string) markup { return tag(`<p>%s</p>`, r) }))
	})
}

// nothing says what to try where nothing matches.
func (p page) nothing() markup {
	tips := when(p.has("q"), func() markup { return tag(`<li><a href="%s">Leave the words out</a></li>`, p.unset("q")) })
	tips += when(p.has("filter"), func() markup { return tag(`<li><a href="%s">Leave the filters out</a></li>`, p.unset("filter")) })
	tips += when(p.has("since") || p.has("from") || p.has("to"), func() markup {
		return when(p.Now.schema.MaxRange == 0, func() markup { return tag(`<li><a href="%s">Search any time</a></li>`, p.unset("since", "from", "to")) })
	})
	said := "Nothing matches."
	if tips == "" {
		said = "Nothing is stored here yet."
	}
	return tag(`<div class="empty"><p>%s</p><ul>%s</ul></div>`, said, tips)
}

// live are the script's: without it they would do nothing. What is new is on the first page.
func (p page) live() markup {
	if p.has("cursor") || p.has("offset") {
		return ""
	}
	return tag(`<span class="live" id="live" hidden><label>Refresh <select id="refresh">%s</select></label><button type="button" id="tail" aria-pressed="false" hidden>Live</button></span>`,
		each([]choice{{"", "off"}, {"5", "5 s"}, {"15", "15 s"}, {"60", "1 min"}, {"300", "5 min"}}, func(c choice) markup {
			return option(c.value, c.text, c.value == p.get("refresh"))
		}))
}

func (p page) footer() markup {
	about := when(p.Now.Collection != nil && p.Now.Description != "", func() markup { return tag(`<b>%s</b> %s `, p.Now.Name, p.Now.Description) })
	return tag(`<span>%s</span><span><a href="openapi.json">API</a> · <a href="v1/collections">Collections</a>%s</span>`, about,
		when(p.timed(), func() markup {
			return tag(` · times are %s`, map[bool]string{true: "the browser’s", false: "UTC"}[p.local()])
		}))
}
