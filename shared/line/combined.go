package line

import (
	"bytes"
	"time"
	"unicode/utf8"
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
	e := begin(dst, a.time)
	e.text("client.address", a.client)
	e.text("user.name", a.user)
	e.request(a.request)
	e.whole("http.response.status_code", a.status)
	e.whole("http.response.body.size", a.size)
	e.text("http.request.header.referer", unescape(a.referer))
	e.text("user_agent.original", unescape(a.agent))
	return e.end(a.whole), true
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

// request writes METHOD target HTTP/version; a garbled one stays in message alone. The
// target is a path, or a URL with its host.
func (e *event) request(line []byte) {
	method, rest, ok := bytes.Cut(line, []byte(" "))
	end := bytes.LastIndex(rest, []byte(" HTTP/"))
	if !ok || end < 0 {
		return
	}
	target, query, _ := bytes.Cut(unescape(rest[:end]), []byte("?"))
	host, path := splitURL(target)
	e.text("http.request.method", method)
	e.endpoint("server", host)
	e.text("url.path", path)
	e.text("url.query", query)
	e.text("network.protocol.version", rest[end+len(" HTTP/"):])
}

// splitURL cuts scheme://host:port/path.
func splitURL(target []byte) (host, path []byte) {
	_, rest, ok := bytes.Cut(target, []byte("://"))
	if !ok || target[0] == '/' {
		return nil, target
	}
	slash := bytes.IndexByte(rest, '/')
	if slash < 0 {
		return rest, nil
	}
	return rest[:slash], rest[slash:]
}
