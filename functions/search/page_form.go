package main

import "net/http"

// form asks; everything in it works without the script.
func (p page) form() markup {
	return tag(`
<form method="get" role="search" id="search">
<input type="hidden" name="for" value="%s">
<label class="collection"><span>Collection</span><select name="collection">%s</select></label>
<div class="bar"><label for="q"><span>Search</span></label>
<div class="query"><input type="search" id="q" name="q" value="%s" maxlength="1000" placeholder="words, field:value, size:&gt;100, AND OR NOT" spellcheck="false" autocomplete="off" autocapitalize="off"%s>
<button class="go">Search</button></div><div id="suggestions" role="listbox" aria-label="Completions" hidden></div><p id="cost" class="cost" aria-live="polite" hidden></p></div>
%s%s
</form>`,
		p.name(), each(p.Collections, func(v view) markup { return option(v.Name, v.Name, v.Collection == p.Now.Collection) }),
		p.get("q"), when(p.faulty("q"), func() markup { return ` aria-invalid="true" aria-describedby="mistake-q"` }),
		when(p.timed(), p.timePicker), p.kept())
}

func (p page) name() string {
	if p.Now.Collection == nil {
		return ""
	}
	return p.Now.Name
}

func option(value, text string, chosen bool) markup {
	return tag(`<option value="%s"%s>%s</option>`, value, when(chosen, func() markup { return " selected" }), text)
}

// kept are the parameters that the form has no field for.
func (p page) kept() markup {
	var out markup
	for _, name := range []string{"filter", "sort", "columns", "fields", "size", "refresh"} {
		out += each(p.given[name], func(v string) markup { return tag(`<input type="hidden" name="%s" value="%s">`, name, v) })
	}
	if !p.timed() && p.has("tz") {
		out += tag(`<input type="hidden" name="tz" value="%s">`, p.get("tz"))
	}
	return out
}

func (p page) filters() markup {
	list := p.given["filter"]
	return when(len(list) > 0, func() markup {
		return tag(`<ul class="filters" aria-label="Filters">%s</ul>`, each(list, func(f string) markup {
			return tag(`<li><bdi>%s</bdi><a href="%s" aria-label="Remove the filter %s">×</a></li>`, f, p.without(f), f)
		}))
	})
}

// mistake is a parameter's text with the place of its mistake.
type mistakeAt struct{ name, before, at, after, detail string }

func (p page) faulty(name string) bool {
	if p.Problem == nil {
		return false
	}
	for _, m := range p.Problem.Errors {
		if m.Parameter == name {
			return true
		}
	}
	return false
}

func (p page) mistakes() []mistakeAt {
	var out []mistakeAt
	for _, m := range p.Problem.Errors {
		f := mistakeAt{name: m.Parameter, detail: m.Detail}
		if text := []rune(p.get(m.Parameter)); m.Position != nil && *m.Position <= len(text) {
			end := min(*m.Position+1, len(text))
			f.before, f.at, f.after = string(text[:*m.Position]), string(text[*m.Position:end]), string(text[end:])
			if f.at == "" {
				f.at = "\u00a0"
			}
		}
		out = append(out, f)
	}
	return out
}

func (p page) problem() markup {
	said := tag(`<p>%s</p>`, p.Problem.Detail)
	if len(p.Problem.Errors) > 0 {
		said = each(p.mistakes(), func(f mistakeAt) markup {
			place := when(f.at != "", func() markup {
				return tag(`<code>%s<mark>%s</mark>%s</code>`, f.before, f.at, f.after)
			})
			return tag(`<p id="mistake-%s">%s<b>%s</b>: %s</p>`, f.name, place, f.name, f.detail)
		})
	}
	if p.Problem.Status == http.StatusUnauthorized {
		said += `<p>A browser sends none by itself: open the page through a proxy that signs you in and adds it.</p>`
	}
	title := p.Problem.Title
	if p.Problem.Status == 400 {
		title = "This cannot be searched"
	}
	again := when(p.Problem.Status == http.StatusTooManyRequests || p.Problem.Status >= 500, func() markup {
		return tag(`<a href="?%s">Try again</a>`, p.given.Encode())
	})
	again += when(p.has("context") || p.has("cursor"), func() markup { return tag(`<a href="%s">Back to the search</a>`, p.unset()) })
	return tag(`<section class="problem" role="alert"><h1>%s</h1>%s%s</section>`, title, said, when(again != "", func() markup { return "<p>" + again + "</p>" }))
}
