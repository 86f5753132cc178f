package client

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

// Failure is what OpenSearch said of a call it did not do: the cause inside the fault.
type Failure struct {
	Status int
	Type   string // e.g. "index_not_found_exception"; empty where the reply was not OpenSearch's
	Reason string // OpenSearch's words for operators; never logged by the client
}

func (f *Failure) Error() string {
	return strings.TrimRight(fmt.Sprintf("HTTP %d %s: %s", f.Status, f.Type, f.Reason), " :")
}

const tooManyBuckets = "too_many_buckets_exception"

// FailureType is OpenSearch's error type in err's chain, empty without one.
func FailureType(err error) string {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Type
	}
	return ""
}

// failureOf reads the error of any reply: JSON of OpenSearch or AWS, plain text, HTML or nothing.
func failureOf(r Reply) *Failure {
	f := &Failure{Status: r.Status}
	var reply struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"` // AWS; matches "Message" too
	}
	if json.Unmarshal(r.Body, &reply) != nil {
		return f
	}
	var cause struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
		Root   []struct {
			Type string `json:"type"`
		} `json:"root_cause"`
		CausedBy struct {
			Type string `json:"type"`
		} `json:"caused_by"`
	}
	if json.Unmarshal(reply.Error, &cause) != nil {
		_ = json.Unmarshal(reply.Error, &reply.Message) // a plain string
	}
	f.Type, f.Reason = cause.Type, cause.Reason
	if f.Reason == "" {
		f.Reason = reply.Message
	}
	if f.Type == "search_phase_execution_exception" && len(cause.Root) > 0 {
		f.Type = cause.Root[0].Type // the phase only wraps what happened on a shard
	}
	if cause.CausedBy.Type == tooManyBuckets {
		f.Type = tooManyBuckets
	}
	f.Reason, _, _ = strings.Cut(f.Reason, " Preview of field's value") // which quotes the document
	f.Reason = cut(f.Reason, 500)
	return f
}

func cut(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "..."
	}
	return s
}

// judge makes faults of the statuses that are no answer.
func judge(now func() time.Time, next sender) sender {
	return func(ctx context.Context, x *exchange) (Reply, error) {
		reply, err := next(ctx, x)
		if err != nil || x.answers(reply.Status) {
			return reply, err
		}
		f := statusFault(reply)
		f.RetryAfter = retryAfter(reply.Header, now())
		return reply, f
	}
}

func (x *exchange) answers(status int) bool {
	return x.anyStatus || status < 300 || slices.Contains(x.Accept, status)
}

var statusKinds = map[int]struct {
	kind    fault.Kind
	message string
}{
	http.StatusUnauthorized:          {fault.Unauthorized, "OpenSearch does not know these credentials"},
	http.StatusForbidden:             {fault.Forbidden, "OpenSearch does not allow this"},
	http.StatusNotFound:              {fault.NotFound, "not found in OpenSearch"},
	http.StatusRequestTimeout:        {fault.Timeout, "OpenSearch did not answer in time"},
	http.StatusConflict:              {fault.Conflict, "another version or state stands in the way"},
	http.StatusRequestEntityTooLarge: {fault.TooLarge, "OpenSearch refuses a request of this size"},
	http.StatusTooManyRequests:       {fault.Throttled, "OpenSearch is busy: try again later"},
	http.StatusInternalServerError:   {fault.Internal, "OpenSearch failed on this request"},
	http.StatusGatewayTimeout:        {fault.Timeout, "OpenSearch did not answer in time"},
}

func statusFault(r Reply) *fault.Error {
	cause := failureOf(r)
	known, ok := statusKinds[r.Status]
	switch {
	case cause.Type == "cluster_block_exception" && r.Status == http.StatusForbidden:
		known.kind, known.message = fault.Unavailable, "OpenSearch has blocked writes, as it does when a disk is full"
	case cause.Type == tooManyBuckets:
		known.kind, known.message = fault.Invalid, "the aggregations make too many buckets: ask for longer intervals, or narrow the search"
	case cause.Type == "task_cancelled_exception":
		known.kind, known.message = fault.Timeout, "OpenSearch cancelled the request: it took too long"
	case ok:
	case r.Status >= 500:
		known.kind, known.message = fault.Unavailable, "OpenSearch is unavailable: try again later"
	case r.Status >= 400:
		known.kind, known.message = fault.Invalid, "OpenSearch refused the request"
	default:
		known.kind, known.message = fault.Unavailable, "OpenSearch answered with a redirect: check OPENSEARCH_URL"
	}
	return fault.Wrap(known.kind, known.message, cause)
}

// transportFault names why there was no usable reply.
func transportFault(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return fault.Wrap(fault.Timeout, "given up before OpenSearch answered", err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return fault.Wrap(fault.Timeout, "OpenSearch did not answer in time", err)
	case errors.Is(err, errCut), errors.Is(err, errNotJSON), errors.Is(err, errNotHTTP):
		return fault.Wrap(fault.Unavailable, "OpenSearch's reply was unusable: whether it acted is unknown", err)
	}
	return fault.Wrap(fault.Unavailable, "OpenSearch cannot be reached", err)
}

// transient says whether the same attempt may go better: not what we refused ourselves,
// nor credentials that their own client has asked for in vain, nor a certificate that is wrong.
func transient(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok || !fault.KindOf(err).Temporary() {
		return false
	}
	return !errors.Is(err, errFailFast) && !errors.Is(err, errNoTime) && !errors.Is(err, errCredentials)
}
