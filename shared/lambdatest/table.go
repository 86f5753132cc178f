package lambdatest

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Request is one request of a table: what it is called, the status that it deserves, and
// the event that API Gateway would make of it.
type Request struct {
	Name   string
	Status int
	Event  []byte
}

// Requests reads a table of HTTP requests. Each begins with "= status name"; then come the
// method and target, headers, and behind an empty line the body. {{999 x}} stands for x so
// many times, {{hex 00ff}} for bytes. Lines before the first, and those with #, are prose.
func Requests(table string) ([]Request, error) {
	var list []Request
	_, rest, _ := strings.Cut(table, "\n= ")
	for part := range strings.SplitSeq(rest, "\n= ") {
		r, err := request(part)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

func request(part string) (Request, error) {
	head, body, _ := strings.Cut(part, "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	status, name, _ := strings.Cut(lines[0], " ")
	n, err := strconv.Atoi(status)
	if err != nil || len(lines) < 2 {
		return Request{}, fmt.Errorf("%q is no request: write = status name, then METHOD target", lines[0])
	}
	method, target, _ := strings.Cut(lines[1], " ")
	headers := map[string]string{}
	for _, line := range lines[2:] {
		key, value, _ := strings.Cut(line, ": ")
		headers[strings.ToLower(key)] = expand(value)
	}
	body, _, _ = strings.Cut(body, "\n#")
	return Request{Name: name, Status: n, Event: gatewayEvent(method, expand(target), headers, expand(strings.TrimSpace(body)))}, nil
}

// gatewayEvent is a request as payload format 2.0: the path decoded, the query as sent.
func gatewayEvent(method, target string, headers map[string]string, body string) []byte {
	path, query, _ := strings.Cut(target, "?")
	if decoded, err := url.PathUnescape(path); err == nil {
		path = decoded
	}
	event := map[string]any{
		"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "headers": headers,
		"requestContext": map[string]any{"stage": "$default", "http": map[string]string{"method": method, "path": path, "sourceIp": "203.0.113.7"}},
	}
	if event["body"] = body; !utf8.ValidString(body) {
		event["body"], event["isBase64Encoded"] = base64.StdEncoding.EncodeToString([]byte(body)), true
	}
	out, _ := json.Marshal(event) // of strings
	return out
}

var repeated = regexp.MustCompile(`\{\{(\d+|hex) ([^\n]*?)\}\}`)

func expand(text string) string {
	return repeated.ReplaceAllStringFunc(text, func(found string) string {
		m := repeated.FindStringSubmatch(found)
		if m[1] == "hex" {
			raw, _ := hex.DecodeString(m[2])
			return string(raw)
		}
		n, _ := strconv.Atoi(m[1])
		return strings.Repeat(m[2], n)
	})
}
