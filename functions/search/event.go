package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode"

	"github.com/aws/aws-lambda-go/events"
)

// readEvent reads an HTTP API event (payload format 2.0) and puts right what the adapter
// would misread.
func readEvent(payload []byte) (events.APIGatewayV2HTTPRequest, error) {
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(payload, &e); err != nil {
		return e, notOurs("it cannot be read")
	}
	http := &e.RequestContext.HTTP
	if http.Method == "" || strings.ContainsFunc(http.Method, func(r rune) bool { return !unicode.IsUpper(r) || r > 'Z' }) {
		return e, notOurs("it names no HTTP method")
	}
	if e.IsBase64Encoded {
		if _, err := base64.StdEncoding.DecodeString(e.Body); err != nil {
			return e, errors.New("the body is said to be base64 and is not")
		}
	}
	if e.RawPath == "" {
		e.RawPath = http.Path
	}
	e.RawPath = withoutStage(e.RawPath, e.RequestContext.Stage)
	// The gateway has decoded the path; the adapter parses it as a URL again.
	e.RawPath = (&url.URL{Path: "/" + strings.TrimPrefix(e.RawPath, "/")}).EscapedPath()
	e.RawQueryString = escapeQuery(e.RawQueryString)
	if http.SourceIP != "" {
		http.SourceIP = net.JoinHostPort(http.SourceIP, "0") // net/http's RemoteAddr has a port
	}
	for name := range e.Headers { // what only the adapter itself may say
		if strings.HasPrefix(strings.ToLower(name), "x-golambdaproxy-") {
			delete(e.Headers, name)
		}
	}
	return e, nil
}

func notOurs(why string) error {
	return fmt.Errorf("the event is not an HTTP API request of payload format 2.0: %s", why)
}

// escapeQuery escapes what is no part of a query string, and leaves the rest alone.
func escapeQuery(raw string) string {
	var out strings.Builder
	for _, b := range []byte(raw) {
		if b <= ' ' || b == '#' || b == 0x7f {
			fmt.Fprintf(&out, "%%%02X", b)
		} else {
			out.WriteByte(b)
		}
	}
	return out.String()
}

// withoutStage takes a named stage off the path: the gateway leaves it on.
func withoutStage(path, stage string) string {
	rest, ok := strings.CutPrefix(path, "/"+stage)
	if stage == "" || stage == "$default" || !ok || rest != "" && rest[0] != '/' {
		return path
	}
	return rest
}
