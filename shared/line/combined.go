package line

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// access is one line of an access log, cut into its parts.
type access struct {
	client, user          []byte
	time                  time.Time
	request               []byte
	status, size          []byte // digits; size is empty for "-"
	referer, agent, whole []byte
}

const clock = "02/Jan/2006:15:04:05 -0700"

// Combined takes the access log that Apache and nginx call combined:
// client ident user [time] "request" status size "referer" "user agent"
// A line that was cut off within the user agent is one too.
func Combined(dst, line []byte) ([]byte, bool) {
	a, ok := cut(line)
	if !ok || !utf8.Valid(line) {
		return dst, false
	}
	dst = append(dst, `{"@timestamp":"`...)
	dst = a.time.UTC().AppendFormat(dst, time.RFC3339)
	dst = append(dst, `"`...)
	dst = text(dst, "client.address", a.client)
	dst = text(dst, "user.name", a.user)
	dst = request(dst, a.request)
	dst = number(dst, "http.response.status_code", a.status)
	dst = number(dst, "http.response.body.size", a.size)
	dst = text(dst, "http.request.header.referer", unescape(a.referer))
	dst = text(dst, "user_agent.original", unescape(a.agent))
	dst = text(dst, "message", a.whole)
	return append(dst, '}'), true
}

func cut(line []byte) (a access, ok bool) {
	a.whole = line
	c := cutter{rest: line, ok: true}
	a.client = c.until(' ')
	c.until(' ') // ident: always "-"
	a.user = c.until(' ')
	c.expect('[')
	a.time = c.time()
	c.expect(' ')
	a.request = c.quoted()
	c.expect(' ')
	a.status = c.digits(' ')
	if a.size = c.until(' '); bytes.Equal(a.size, dash) {
		a.size = nil
	} else if !digits(a.size) {
		return a, false
	}
	a.referer = c.quoted()
	c.expect(' ')
	a.agent = c.last()
	return a, c.ok && len(c.rest) == 0 && len(a.client) > 0 && len(a.status) == 3
}

var dash = []byte("-")

// request writes METHOD target HTTP/version; a garbled one stays in message alone.
func request(dst, line []byte) []byte {
	method, rest, ok := bytes.Cut(line, []byte(" "))
	end := bytes.LastIndex(rest, []byte(" HTTP/"))
	if !ok || end < 0 {
		return dst
	}
	path, query, _ := bytes.Cut(unescape(rest[:end]), []byte("?"))
	dst = text(dst, "http.request.method", method)
	dst = text(dst, "url.path", path)
	dst = text(dst, "url.query", query)
	return text(dst, "network.protocol.version", rest[end+len(" HTTP/"):])
}

// text leaves out what the log does not know.
func text(dst []byte, name string, value []byte) []byte {
	if len(value) == 0 || bytes.Equal(value, dash) {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	dst, _ = jsontext.AppendQuote(dst, value)
	return dst
}

func number(dst []byte, name string, digits []byte) []byte {
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return strconv.AppendInt(dst, n, 10)
}
