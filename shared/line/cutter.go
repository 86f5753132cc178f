package line

import (
	"bytes"
	"time"
)

// cutter takes a line apart from the left; after the first part that does not fit,
// ok stays false.
type cutter struct {
	rest []byte
	ok   bool
}

func (c *cutter) until(end byte) []byte {
	i := bytes.IndexByte(c.rest, end)
	if i < 0 {
		c.ok = false
		return nil
	}
	part := c.rest[:i]
	c.rest = c.rest[i+1:]
	return part
}

func (c *cutter) expect(b byte) { c.ok = c.next(b) && c.ok }

// next passes over b if it is next.
func (c *cutter) next(b byte) bool {
	if len(c.rest) == 0 || c.rest[0] != b {
		return false
	}
	c.rest = c.rest[1:]
	return true
}

func (c *cutter) digits(end byte) []byte {
	part := c.until(end)
	c.ok = c.ok && digits(part)
	return part
}

func digits(part []byte) bool {
	for _, b := range part {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(part) > 0
}

func (c *cutter) time() time.Time {
	t, err := time.Parse(clock, string(c.until(']')))
	c.ok = c.ok && err == nil
	return t
}

// quoted takes "text", in which a backslash keeps the next byte from ending it.
func (c *cutter) quoted() []byte {
	c.expect('"')
	for i := 0; c.ok && i < len(c.rest); i++ {
		switch c.rest[i] {
		case '\\':
			i++
		case '"':
			part := c.rest[:i]
			c.rest = c.rest[i+1:]
			return part
		}
	}
	c.ok = false
	return nil
}

// last is quoted at the end of the line. Its closing quote may be missing: syslog and
// others cut long lines, and the user agent is what is long.
func (c *cutter) last() []byte {
	whole := *c
	part := c.quoted()
	if c.ok || !whole.ok {
		return part
	}
	*c = whole
	c.expect('"')
	part, c.rest = c.rest, nil
	return part
}

// unescape undoes \" and \\; other escapes (\x16) stay readable as they are.
func unescape(part []byte) []byte {
	if bytes.IndexByte(part, '\\') < 0 {
		return part
	}
	out := make([]byte, 0, len(part))
	for i := 0; i < len(part); i++ {
		if part[i] == '\\' && i+1 < len(part) && (part[i+1] == '"' || part[i+1] == '\\') {
			i++
		}
		out = append(out, part[i])
	}
	return out
}
