package query

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// add puts what is asked for into aggs, under names that end in suffix.
func (t Tops) add(aggs object, suffix string) {
	terms := object{"field": t.Field, "size": t.size}
	if t.kind == "date" {
		terms["format"] = "strict_date_optional_time"
	}
	if t.prefix != "" {
		terms["include"] = literally(t.prefix, t.anyCase) + ".*"
	}
	aggs["values"+suffix] = object{"terms": terms}
	aggs["missing"+suffix] = object{"missing": object{"field": t.Field}}
}

// literally is text as a regular expression of Lucene's that matches only it. Letters and
// digits stand for themselves, and after a backslash some of them would not.
func literally(text string, anyCase bool) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case anyCase && r < unicode.MaxASCII && unicode.IsLetter(r):
			b.WriteString("[" + strings.ToLower(string(r)) + strings.ToUpper(string(r)) + "]")
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// terms is what OpenSearch says of a field's values.
type terms struct {
	Error   int64 `json:"doc_count_error_upper_bound"`
	Other   int64 `json:"sum_other_doc_count"`
	Buckets []struct {
		Key   json.RawMessage `json:"key"`
		Text  string          `json:"key_as_string"`
		Count int64           `json:"doc_count"`
	} `json:"buckets"`
}

func (t Tops) read(parts map[string]json.RawMessage, suffix string) (Counted, error) {
	c := Counted{Field: t.Field, Values: []Value{}}
	var found terms
	if err := readAggs(parts["values"+suffix], &found); err != nil {
		return c, err
	}
	var missing struct {
		Count int64 `json:"doc_count"`
	}
	if err := readAggs(parts["missing"+suffix], &missing); err != nil {
		return c, err
	}
	c.Other, c.ErrorBound, c.Missing = found.Other, max(found.Error, 0), missing.Count
	for _, b := range found.Buckets {
		value := Value{Value: b.Key, Count: b.Count}
		switch t.kind {
		case "boolean":
			value.Value = json.RawMessage(b.Text)
		case "date":
			value.Value = quoted(b.Text)
		case "float", "scaled_float":
			value.Value = shortest(b.Key, t.kind)
		}
		value.shorten()
		c.Values = append(c.Values, value)
	}
	return c, nil
}

// shortest takes off the digits that a number got by being read as a double.
func shortest(raw json.RawMessage, kind string) json.RawMessage {
	v, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return raw
	}
	if kind == "float" {
		return strconv.AppendFloat(nil, v, 'g', -1, 32)
	}
	out := strconv.AppendFloat(nil, v, 'g', 15, 64)
	short, _ := strconv.ParseFloat(string(out), 64)
	if short != v && math.Nextafter(short, v) != v {
		return raw
	}
	return out
}

// shorten keeps the beginning of a text that no filter would take.
func (v *Value) shorten() {
	var text string
	if len(v.Value) <= shownValue || json.Unmarshal(v.Value, &text) != nil {
		return
	}
	if runes := []rune(text); len(runes) > shownValue {
		v.Value, v.Cut = quoted(string(runes[:shownValue])), true
	}
}

func quoted(text string) json.RawMessage {
	out, _ := json.Marshal(text) // a string always encodes
	return out
}
