package query

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

const (
	fragments      = 3   // of a field
	fragmentSize   = 150 // characters, about
	maxHighlighted = 999_999
)

// markable are the types whose matches can be shown in their text.
var markable = []string{"text", "keyword"}

// readHighlight reads whether what matched is to be shown.
func (r *reader) readHighlight(text string) {
	if text != "true" && text != "false" {
		r.wrong(-1, "%q is neither true nor false", text)
	}
	r.highlight = text == "true"
}

// named are the fields that n looks for words and values in; not those of which it wants none.
func (s Schema) named(n Node, into map[string]bool) {
	switch n := n.(type) {
	case And:
		for _, one := range n {
			s.named(one, into)
		}
	case Or:
		for _, one := range n {
			s.named(one, into)
		}
	case Term:
		names := s.Default
		if n.Field.Text != "" {
			names = []string{n.Field.Text}
		}
		for _, name := range names {
			if f, ok := s.field(name); ok && slices.Contains(markable, f.Type) {
				into[name] = true
			}
		}
	}
}

// marks asks for the places where q matched, between marks that no document has: they are
// private characters around a hash of the search, which needs the cursors' key.
func (r Request) marks() object {
	fields := object{}
	for _, name := range r.named {
		fields[name] = object{}
	}
	open, end := r.tags()
	return object{
		"fields": fields, "highlight_query": r.query, "require_field_match": true,
		"pre_tags": []string{open}, "post_tags": []string{end},
		"number_of_fragments": fragments, "fragment_size": fragmentSize, "max_analyzer_offset": maxHighlighted,
	}
}

func (r Request) highlighting() bool { return r.highlight && len(r.named) > 0 }

func (r Request) tags() (open, end string) {
	h := hmac.New(sha256.New, r.schema.key())
	h.Write([]byte("highlight"))
	h.Write(r.binding)
	name := hex.EncodeToString(h.Sum(nil)[:8])
	return "\uE000" + name + "\uE001", "\uE002" + name + "\uE003"
}

// Segment is a part of a fragment: as plain text, whatever the document held.
type Segment struct {
	Text  string `json:"text"`
	Match bool   `json:"match,omitempty"`
}

// Marked are a document's fragments by field, from what OpenSearch says of it; nil if they
// were not asked for.
func (r Request) Marked(raw []byte) (map[string][][]Segment, error) {
	if !r.highlight {
		return nil, nil
	}
	var texts map[string][]string
	if err := readAggs(raw, &texts); err != nil {
		return nil, err
	}
	out := make(map[string][][]Segment, len(texts))
	for field, list := range texts {
		for _, text := range list {
			out[field] = append(out[field], r.segments(text))
		}
	}
	return out, nil
}

func (r Request) segments(text string) []Segment {
	open, end := r.tags()
	list := []Segment{}
	add := func(text string, match bool) {
		if text != "" {
			list = append(list, Segment{text, match})
		}
	}
	for text != "" {
		plain, rest, _ := strings.Cut(text, open)
		add(plain, false)
		match, behind, _ := strings.Cut(rest, end)
		add(match, true)
		text = behind
	}
	return list
}
