package line

import (
	"bytes"
	"time"
	"unicode/utf8"
)

// ALB takes a line of an Application Load Balancer's access log. Fields that AWS adds at
// the end are let through.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
func ALB(dst, line []byte) ([]byte, bool) {
	c := cutter{rest: line, ok: true}
	kind, at := c.until(' '), c.rfc3339(' ')
	balancer, client, target := c.until(' '), c.until(' '), c.until(' ')
	var took [3][]byte // request, target, response, in seconds
	for i := range took {
		took[i] = c.until(' ')
	}
	status, targetStatus := c.until(' '), c.until(' ')
	received, sent := c.digits(' '), c.digits(' ')
	request := c.quoted()
	c.expect(' ')
	agent := c.quoted()
	c.expect(' ')
	cipher, protocol, group := c.until(' '), c.until(' '), c.until(' ')
	trace := c.quoted()
	if !c.ok || !utf8.Valid(line) {
		return dst, false
	}
	e := begin(dst, at)
	e.endpoint("client", client)
	e.request(request)
	e.whole("http.response.status_code", status)
	e.whole("http.request.size", received)
	e.whole("http.response.size", sent)
	e.text("user_agent.original", unescape(agent))
	e.text("tls.protocol.version", protocol)
	e.text("tls.cipher", cipher)
	e.number("alb.request_processing_time", took[0])
	e.number("alb.target_processing_time", took[1])
	e.number("alb.response_processing_time", took[2])
	e.attribute("type", kind)
	e.attribute("elb", balancer)
	e.attribute("target", target)
	e.attribute("target_status_code", targetStatus)
	e.attribute("target_group_arn", group)
	e.attribute("trace_id", trace)
	e.rest(c, "domain_name", "chosen_cert_arn", "matched_rule_priority", "request_creation_time", "actions_executed",
		"redirect_url", "error_reason", "target_port_list", "target_status_code_list", "classification",
		"classification_reason", "conn_trace_id")
	return e.end(line), true
}

// rest takes the fields that follow as attributes of these names, as far as they go.
func (e *event) rest(c cutter, names ...string) {
	for _, name := range names {
		if len(c.rest) == 0 || c.rest[0] != ' ' {
			return
		}
		c.rest = c.rest[1:]
		value := c.word()
		if !c.ok {
			return
		}
		e.attribute(name, unescape(value))
	}
}

// endpoint writes address:port, where an IPv6 address may stand in brackets, or an
// address alone.
func (e *event) endpoint(name string, value []byte) {
	i := bytes.LastIndexByte(value, ':')
	if i < 0 || bytes.HasSuffix(value, []byte("]")) {
		e.text(name+".address", bytes.Trim(value, "[]"))
		return
	}
	e.text(name+".address", bytes.Trim(value[:i], "[]"))
	e.whole(name+".port", value[i+1:])
}

// rfc3339 reads the time before end.
func (c *cutter) rfc3339(end byte) time.Time {
	t, err := time.Parse(time.RFC3339Nano, string(c.until(end)))
	c.ok = c.ok && err == nil
	return t
}

// word reads a quoted value, or what goes to the next space or the end.
func (c *cutter) word() []byte {
	if len(c.rest) > 0 && c.rest[0] == '"' {
		return c.quoted()
	}
	end := bytes.IndexByte(c.rest, ' ')
	if end < 0 {
		end = len(c.rest)
	}
	part := c.rest[:end]
	c.rest = c.rest[end:]
	return part
}
