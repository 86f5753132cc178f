package part

import (
	"cmp"
	"net/http"
	"regexp"
	"strings"
)

var queuePath = regexp.MustCompile(`^/\d{12}/[^/]+$`)

// serviceOf names the AWS service that a request is for: by its target, the scope of its
// signature, or, unsigned, the path of a queue.
func serviceOf(r *http.Request) string {
	target, _, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case target == "AmazonSQS":
		return "sqs"
	case strings.HasPrefix(target, "Kinesis_"):
		return "kinesis"
	}
	if scope := scopeOf(r); scope != "" {
		return scope
	}
	if queuePath.MatchString(r.URL.Path) {
		return "sqs"
	}
	return cmp.Or(target, "this AWS service")
}

// scopeOf is SERVICE in Credential=KEY/DATE/REGION/SERVICE/aws4_request, of a header or a presigned URL.
func scopeOf(r *http.Request) string {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	credential, _, _ = strings.Cut(cmp.Or(credential, r.URL.Query().Get("X-Amz-Credential")), ",")
	if parts := strings.Split(credential, "/"); len(parts) >= 5 {
		return parts[len(parts)-2]
	}
	return ""
}
