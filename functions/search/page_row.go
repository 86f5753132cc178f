package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// row is a document in the table.
type row struct {
	ID, Index, Time string
	Text            markup   // what bare words are looked for in
	Found, Rest     markup   // the other values: those that matched, and the first of all others
	Cells           []markup // of the columns chosen
	Source          []byte   // shown only where the row is open
}

// pair is a value in a document.
type pair struct{ Name, Value, Kind string }

const (
	maxShort = 280 // characters of all values of a row, which shows three lines
	maxText  = 400 // of one value
)

func (p page) row(d hit) row {
	r := row{ID: d.ID, Index: d.Index, Source: d.Source}
	marks, columns := marked(d.Highlight), p.columns()
	r.Cells = make([]markup, len(columns))
	room := maxShort
	for _, v := range flatten(d.Source) {
		text := marks.text(v.Name, v.Value)
		if v.Name == p.Now.schema.Time && r.Time == "" {
			r.Time = v.Value
		}
		if i := slices.Index(columns, v.Name); i >= 0 && len(r.Cells[i]) < 4*maxText {
			r.Cells[i] += when(r.Cells[i] != "", func() markup { return `<span class="sep">, </span>` }) + text
		}
		switch {
		case v.Name == p.Now.schema.Time:
		case r.Text == "" && slices.Contains(p.Now.schema.Default, v.Name):
			r.Text = text
		case len(marks[v.Name]) > 0 && len(r.Found) < maxShort:
			r.Found += tag(`<i>%s</i> %s `, isolated(tag(`%s`, v.Name)), text)
		case room > 0:
			v.Name, v.Value = clip(v.Name, maxText), clip(v.Value, min(room, 100))
			room -= len(v.Name) + len(v.Value) + 2
			r.Rest += tag(`<i>%s</i> %s `, isolated(tag(`%s`, v.Name)), isolated(tag(`%s`, v.Value)))
		}
	}
	return r
}

// weight is what a document takes on the page.
func (p page) weight(d hit) int { return carried([]byte(p.line(p.row(d)))) }

// line is a document's row, and what it holds below it where it is open.
func (p page) line(r row) markup {
	open, columns := p.get("open") == r.ID, p.columns()
	address := p.stay("open", r.ID)
	if open {
		address = p.stay("open", "")
	}
	here := ""
	if p.Around != nil && p.Around.document.ID == r.ID {
		here = " here"
	}
	cells := each(r.Cells, func(c markup) markup { return tag(`<td>%s</td>`, c) })
	if len(columns) == 0 {
		cells = tag(`<td class="short"><div>%s%s%s</div></td>`, when(r.Text != "", func() markup { return tag(`<span class="text">%s</span> `, r.Text) }), r.Found, r.Rest)
	}
	return tag(`
<tr class="row%s" data-id="%s"><td class="toggle"><a href="%s" aria-expanded="%s" aria-label="Document %s"></a></td>%s%s</tr>`,
		here, r.ID, address, strconv.FormatBool(open), clip(r.ID, 80), when(p.timed(), func() markup { return tag(`<td class="time">%s</td>`, moment(r.Time)) }), cells) +
		when(open, func() markup {
			return tag(`<tr class="opened"><td colspan="%s">%s</td></tr>`, strconv.Itoa(p.width()), p.opened(hit{ID: r.ID, Index: r.Index, Source: r.Source}))
		})
}

// width is how many columns the table has.
func (p page) width() int {
	n := 1 + max(len(p.columns()), 1)
	if p.timed() {
		n++
	}
	return n
}

// moment is a time as people read it, UTC until the script knows better.
func moment(text string) markup {
	if t, ok := parsed(text); ok {
		return stamped(t)
	}
	return tag(`<bdi>%s</bdi>`, text)
}

func parsed(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func stamped(t time.Time) markup {
	return tag(`<time>%s</time>`, t.UTC().Format("2006-01-02 15:04:05.000"))
}

// marks are the places where a document matched, by field.
type marks map[string][][]struct {
	Text  string
	Match bool
}

func marked(raw json.RawMessage) marks {
	var m marks
	if len(raw) == 0 || json.Unmarshal(raw, &m) != nil {
		return nil
	}
	return m
}

// text is a value, with what matched in it marked.
func (m marks) text(name, value string) markup {
	var out markup
	room := maxText
	for i, fragment := range m[name] {
		out += when(i > 0 && room > 0, func() markup { return " … " })
		for _, s := range fragment {
			if room <= 0 {
				break
			}
			text := clip(s.Text, room)
			room -= len(text)
			if s.Match {
				out += tag(`<mark>%s</mark>`, text)
			} else {
				out += tag(`%s`, text)
			}
		}
	}
	if out == "" {
		out = tag(`%s`, clip(value, maxText))
	}
	return isolated(out)
}

// isolated keeps text of another direction from turning what stands beside it. ASCII, most
// of what there is, turns nothing.
func isolated(text markup) markup {
	if strings.IndexFunc(string(text), func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
		return text
	}
	return tag(`<bdi>%s</bdi>`, text)
}
