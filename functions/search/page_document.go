package main

import (
	"bytes"
	"context"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/query"
)

const (
	maxLeaves = 500 // values of a document's tree; its JSON has all
	maxDepth  = 12  // of the tree
	maxValue  = 4000
	maxJSON   = 200_000
)

// opened is a document as a tree and as JSON.
func (p page) opened(d hit) markup {
	return tag(`
<section class="document" aria-label="Document %s">
<p class="where"><span>%s</span> / <b><bdi>%s</bdi></b>%s <a href="%s">API</a> <button type="button" class="copy" data-copy=".json" hidden>Copy JSON</button> <button type="button" class="copy" data-copy="b" hidden>Copy id</button></p>
<div class="tabs"><details open><summary>Fields</summary>%s</details>
<details><summary>JSON</summary><pre class="json" tabindex="0">%s</pre></details></div>
</section>`,
		clip(d.ID, 80), d.Index, d.ID, when(p.timed() && p.can["/v1/:collection/context"], func() markup {
			return tag(` <a href="%s">Documents around it</a>`, p.link(func(v url.Values) { v.Set("context", d.ID) }))
		}), p.document(d.ID), p.tree(d.Source), clip(indented(d.Source), maxJSON))
}

// one shows the document that the script asks for.
func (s *server) one(ctx context.Context, p *page, id string) (markup, error) {
	request, err := query.ReadDocument(p.Now.schema, url.Values{})
	if err != nil {
		return "", err
	}
	d, err := s.document(ctx, p.Now, request, id)
	if err != nil {
		return "", err
	}
	return p.opened(d), nil
}

// tree writes a document's values as lists inside one another.
func (p page) tree(raw []byte) markup {
	t := tree{page: p, decoder: jsontext.NewDecoder(bytes.NewReader(raw), tolerant...)}
	return tag(`<ul class="tree">%s</ul>`, t.members("", 0))
}

type tree struct {
	page
	decoder *jsontext.Decoder
	leaves  int
}

// members writes what is in the object or list that begins here.
func (t *tree) members(name string, depth int) markup {
	d := t.decoder
	open, err := d.ReadToken()
	if err != nil {
		return ""
	}
	var out markup
	for i := 0; d.PeekKind() != '}' && d.PeekKind() != ']'; i++ {
		label, full := digits(int64(i)), name
		if open.Kind() == '{' {
			key, err := d.ReadToken()
			if err != nil {
				return out
			}
			if label, full = key.String(), key.String(); name != "" {
				full = name + "." + label
			}
		}
		one, ok := t.member(label, full, depth)
		if out += one; !ok {
			return out
		}
	}
	_, _ = d.ReadToken() // its end, which was looked at
	return out
}

func (t *tree) member(label, full string, depth int) (markup, bool) {
	d := t.decoder
	switch kind := d.PeekKind(); {
	case kind == 0:
		return "", false
	case t.leaves >= maxLeaves:
		if t.leaves++; t.leaves == maxLeaves+1 {
			return `<li class="more">There is more: the JSON has all of it.</li>`, d.SkipValue() == nil
		}
		return "", d.SkipValue() == nil
	case (kind == '{' || kind == '[') && depth < maxDepth:
		return tag(`<li><details open><summary><span class="name">%s</span></summary><ul>%s</ul></details></li>`, label, t.members(full, depth+1)), true
	case kind == '{' || kind == '[':
		raw, err := d.ReadValue()
		t.leaves++
		return tag(`<li><span class="name">%s</span> <span class="value">%s</span></li>`, label, clip(string(raw), maxText)), err == nil
	}
	kind := kindOf(d.PeekKind())
	token, err := d.ReadToken()
	if err != nil {
		return "", false
	}
	t.leaves++
	value := token.String()
	return tag(`<li><span class="name">%s</span> <span class="value %s"><bdi>%s</bdi></span>%s</li>`, label, kind, clip(value, maxValue), t.choices(full, value, kind)), true
}

// choices are the links that narrow the search by a value.
func (t *tree) choices(name, value, kind string) markup {
	only := when(kind != "null", func() markup { return t.narrow(name, value) })
	if _, known := t.Now.schema.Field(name); !known && only == "" {
		return ""
	}
	return tag(` <span class="acts">%s<a href="%s" title="Show or hide the column %s">column</a></span>`, only, t.column(name), name)
}

// narrow are the links to the documents with this value, and to those without; none where
// the filter would not be exact.
func (t state) narrow(name, value string) markup {
	f, ok := t.Now.schema.Field(name)
	if !ok || f.Unsearchable || len([]rune(value)) > 900 {
		return ""
	}
	switch f.Type {
	case "text", "object", "nested", "geo_point", "binary":
		return ""
	}
	return tag(`<a href="%s" title="Only documents with %s: %s" class="for">only</a><a href="%s" title="Only documents without %s: %s" class="out">not</a>`,
		t.with(name+":"+value), name, clip(value, 100), t.except(name, value), name, clip(value, 100))
}
