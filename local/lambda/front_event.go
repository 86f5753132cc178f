package lambda

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// httpEvent is payload format 2.0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
type httpEvent struct {
	Version               string            `json:"version"`
	RouteKey              string            `json:"routeKey"`
	RawPath               string            `json:"rawPath"` // in spite of its name percent-decoded, as AWS does
	RawQueryString        string            `json:"rawQueryString"`
	Cookies               []string          `json:"cookies,omitempty"`
	Headers               map[string]string `json:"headers"`
	QueryStringParameters map[string]string `json:"queryStringParameters,omitempty"`
	RequestContext        httpContext       `json:"requestContext"`
	Body                  string            `json:"body,omitempty"`
	IsBase64Encoded       bool              `json:"isBase64Encoded"`
}

type httpContext struct {
	AccountID    string          `json:"accountId"`
	APIID        string          `json:"apiId"`
	Authorizer   *authorizer     `json:"authorizer,omitempty"`
	DomainName   string          `json:"domainName"`
	DomainPrefix string          `json:"domainPrefix"`
	HTTP         httpDescription `json:"http"`
	RequestID    string          `json:"requestId"`
	RouteKey     string          `json:"routeKey"`
	Stage        string          `json:"stage"`
	Time         string          `json:"time"`
	TimeEpoch    int64           `json:"timeEpoch"`
}

type httpDescription struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

const defaultRoute = "$default"

func newHTTPEvent(r *http.Request, body []byte, id string) httpEvent {
	now := time.Now().UTC()
	host, _, _ := strings.Cut(r.Host, ":")
	prefix, _, _ := strings.Cut(host, ".")
	source := sourceIP(r)
	e := httpEvent{
		Version: "2.0", RouteKey: defaultRoute, RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery,
		Cookies: cookies(r), Headers: headers(r, source), QueryStringParameters: parameters(r),
		RequestContext: httpContext{
			AccountID: "000000000000", APIID: "local", DomainName: host, DomainPrefix: prefix,
			HTTP:      httpDescription{Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: source, UserAgent: r.UserAgent()},
			RequestID: id, RouteKey: defaultRoute, Stage: defaultRoute,
			Time: now.Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
		},
	}
	if e.IsBase64Encoded = len(body) > 0 && !isText(r.Header, body); e.IsBase64Encoded {
		e.Body = base64.StdEncoding.EncodeToString(body)
	} else {
		e.Body = string(body)
	}
	return e
}

// headers are lower-case, a repeated one joined by commas, cookies elsewhere.
func headers(r *http.Request, source string) map[string]string {
	h := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		switch name {
		case "Cookie", "Connection", "Keep-Alive", "Te", "Transfer-Encoding", "Upgrade":
		default:
			h[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	if before := h["x-forwarded-for"]; before != "" {
		source = before + ", " + source
	}
	h["x-forwarded-for"], h["x-forwarded-proto"] = source, "http"
	h["x-amzn-trace-id"] = fmt.Sprintf("Root=1-%x-%s", time.Now().Unix(), strings.ToLower(rand.Text()[:24]))
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		h["x-forwarded-port"] = port
	}
	return h
}

func cookies(r *http.Request) []string {
	var all []string
	for _, line := range r.Header["Cookie"] {
		for cookie := range strings.SplitSeq(line, ";") {
			if cookie = strings.TrimSpace(cookie); cookie != "" {
				all = append(all, cookie)
			}
		}
	}
	return all
}

func parameters(r *http.Request) map[string]string {
	query := r.URL.Query()
	all := make(map[string]string, len(query))
	for name, values := range query {
		all[name] = strings.Join(values, ",")
	}
	return all
}

func sourceIP(r *http.Request) string {
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return ip
}

// isText follows the content type alone, as AWS does: no content type, a form, NDJSON
// and +json are binary to it. What is not UTF-8 no JSON string can hold.
func isText(h http.Header, body []byte) bool {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch kind {
	case "application/json", "application/xml", "application/javascript":
	default:
		if !strings.HasPrefix(kind, "text/") {
			return false
		}
	}
	return utf8.Valid(body)
}

// requestID has the form that API Gateway's have.
func requestID() string { return rand.Text()[:15] + "=" }
