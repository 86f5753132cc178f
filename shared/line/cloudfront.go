package line

import (
	"bytes"
	"net/url"
	"time"
	"unicode/utf8"
)

// CloudFront takes a line of a distribution's standard log, and its two headings.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
func CloudFront(dst, line []byte) ([]byte, bool) {
	if bytes.HasPrefix(line, []byte("#Version:")) || bytes.HasPrefix(line, []byte("#Fields:")) {
		return dst, !severalLines(line)
	}
	f := bytes.Split(line, []byte("\t"))
	if len(f) < 24 || !utf8.Valid(line) { // as many as there were in the first version
		return dst, false
	}
	at, err := time.Parse("2006-01-02 15:04:05", string(f[0])+" "+string(f[1]))
	if err != nil || !digits(f[3]) {
		return dst, false
	}
	e := begin(dst, at)
	e.text("client.address", f[4])
	e.text("http.request.method", f[5])
	e.text("server.address", f[15])
	e.text("url.path", f[7])
	e.text("url.query", f[11])
	e.whole("http.response.status_code", f[8])
	e.whole("http.response.size", f[3])
	e.whole("http.request.size", f[17])
	e.text("http.request.header.referer", decoded(f[9]))
	e.text("user_agent.original", decoded(f[10]))
	e.text("network.protocol.version", bytes.TrimPrefix(f[23], []byte("HTTP/")))
	e.text("tls.protocol.version", f[20])
	e.text("tls.cipher", f[21])
	e.number("cloudfront.time_taken", f[18])
	if len(f) > 27 {
		e.number("cloudfront.time_to_first_byte", f[27])
	}
	for i, name := range cloudFrontAttributes {
		if i < len(f) && name != "" {
			e.attribute(name, f[i])
		}
	}
	return e.end(line), true
}

// cloudFrontAttributes are the fields, by position, that have no other name.
var cloudFrontAttributes = [...]string{
	2: "x_edge_location", 6: "cs_host", 12: "cs_cookie", 13: "x_edge_result_type", 14: "x_edge_request_id",
	16: "cs_protocol", 19: "x_forwarded_for", 22: "x_edge_response_result_type",
	24: "fle_status", 25: "fle_encrypted_fields", 26: "c_port",
	28: "x_edge_detailed_result_type", 29: "sc_content_type", 30: "sc_content_len", 31: "sc_range_start", 32: "sc_range_end",
}

// decoded undoes percent encoding, where it is one.
func decoded(value []byte) []byte {
	text, err := url.PathUnescape(string(value))
	if err != nil || !utf8.ValidString(text) {
		return value
	}
	return []byte(text)
}
