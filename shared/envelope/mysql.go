package envelope

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// appendMySQL writes a column's text as a value of its MySQL type.
func appendMySQL(dst []byte, typ string, text []byte) ([]byte, verdict) {
	base, rest := strings.ToLower(typ), ""
	if i := strings.IndexAny(base, "( "); i >= 0 {
		base, rest = base[:i], typ[i:]
	}
	switch base {
	case "tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year", "bit":
		return wholeNumber(dst, string(text)), exact
	case "float", "double", "real":
		if special(string(text)) {
			return dst, formless
		}
		return number(dst, string(text)), exact
	case "date":
		if strings.HasPrefix(string(text), "0000-00-00") {
			return dst, formless
		}
	case "datetime", "timestamp":
		return mysqlTime(dst, string(text))
	case "enum":
		return appendEnum(dst, labels(rest), string(text))
	case "set":
		return appendSet(dst, labels(rest), string(text))
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
		return appendLatin1(dst, text)
	}
	return quoteBytes(dst, text), exact
}

// quoteBytes keeps what is not UTF-8 as it is: the document's reader refuses it.
func quoteBytes(dst, text []byte) []byte {
	if utf8.Valid(text) {
		return quote(dst, string(text))
	}
	dst, _ = jsontext.AppendQuote(dst, text)
	return dst
}

// wholeNumber is a number without the zeros that ZEROFILL puts before it.
func wholeNumber(dst []byte, text string) []byte {
	if len(text) > 1 && text[0] == '0' {
		if text = strings.TrimLeft(text, "0"); text == "" {
			text = "0"
		}
	}
	return number(dst, text)
}

// mysqlTime is taken as UTC, as OpenSearch and Debezium take it.
func mysqlTime(dst []byte, text string) ([]byte, verdict) {
	switch {
	case strings.HasPrefix(text, "0000-00-00"):
		return dst, formless
	case spaced.MatchString(text):
		return quote(dst, text[:10]+"T"+text[11:]+"Z"), exact
	}
	return quote(dst, text), exact
}

// labels are those of ('new','paid'): a quote in a label is doubled.
func labels(list string) (all []string) {
	for {
		start := strings.IndexByte(list, '\'')
		if start < 0 {
			return all
		}
		var label strings.Builder
		list = list[start+1:]
		for {
			end := strings.IndexByte(list, '\'')
			if end < 0 {
				return all
			}
			label.WriteString(list[:end])
			list = list[end+1:]
			if !strings.HasPrefix(list, "'") {
				break
			}
			label.WriteByte('\'')
			list = list[1:]
		}
		all = append(all, label.String())
	}
}

// appendEnum turns an ordinal into its label: 0 is MySQL's empty error value.
func appendEnum(dst []byte, labels []string, ordinal string) ([]byte, verdict) {
	n, err := strconv.Atoi(ordinal)
	switch {
	case err != nil || len(labels) == 0:
		return quote(dst, ordinal), exact
	case n == 0:
		return append(dst, `""`...), exact
	case n < 0 || n > len(labels):
		return dst, unfit
	}
	return quote(dst, labels[n-1]), exact
}

// appendSet turns a bit mask into labels, as MySQL itself shows them.
func appendSet(dst []byte, labels []string, mask string) ([]byte, verdict) {
	bits, err := strconv.ParseUint(mask, 10, 64)
	if err != nil || len(labels) == 0 {
		return quote(dst, mask), exact
	}
	var members []string
	for i, label := range labels {
		if i < 64 && bits&(1<<i) != 0 {
			members = append(members, label)
			bits &^= 1 << i
		}
	}
	if bits != 0 {
		return dst, unfit
	}
	return quote(dst, strings.Join(members, ",")), exact
}

// appendLatin1 undoes what made each byte a character, and writes base64.
func appendLatin1(dst, text []byte) ([]byte, verdict) {
	bytes := make([]byte, 0, len(text))
	for _, r := range string(text) {
		if r > 0xFF {
			return dst, unfit
		}
		bytes = append(bytes, byte(r))
	}
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), bytes), '"'), exact
}
