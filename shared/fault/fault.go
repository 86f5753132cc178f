// Package fault names the ways in which work fails, once for all layers. A kind
// decides the HTTP status and whether trying again can help; the message is safe
// to show a caller; the cause is for the operator's log. It never logs.
package fault

import (
	"errors"
	"net/http"
	"time"
)

// Kind is a class of failure. The zero Kind is Internal.
type Kind uint8

const (
	Internal     Kind = iota // a defect of ours, 500
	Invalid                  // the caller's input is wrong, 400
	Unauthorized             // no or bad credentials, 401
	Forbidden                // known but not allowed, 403
	NotFound                 // 404
	Conflict                 // another version or state stands in the way, 409
	TooLarge                 // 413
	Throttled                // slow down and try again, 429
	Unavailable              // unreachable, or the breaker is open, 503
	Timeout                  // no answer in time, outcome unknown, 504
)

var kinds = [...]struct {
	name   string
	status int
}{
	Internal:     {"internal", http.StatusInternalServerError},
	Invalid:      {"invalid", http.StatusBadRequest},
	Unauthorized: {"unauthorized", http.StatusUnauthorized},
	Forbidden:    {"forbidden", http.StatusForbidden},
	NotFound:     {"not_found", http.StatusNotFound},
	Conflict:     {"conflict", http.StatusConflict},
	TooLarge:     {"too_large", http.StatusRequestEntityTooLarge},
	Throttled:    {"throttled", http.StatusTooManyRequests},
	Unavailable:  {"unavailable", http.StatusServiceUnavailable},
	Timeout:      {"timeout", http.StatusGatewayTimeout},
}

// String is the kind's snake_case name, as in logs and metrics.
func (k Kind) String() string { return kinds[k].name }

// Status is the HTTP status a caller of ours sees.
func (k Kind) Status() int { return kinds[k].status }

// Temporary says whether the same request may succeed later.
func (k Kind) Temporary() bool { return k == Throttled || k == Unavailable || k == Timeout }

// Error is a failure of a known kind.
type Error struct {
	Kind       Kind
	Message    string        // safe for callers: says what to do; no bodies, no credentials
	RetryAfter time.Duration // how long to wait before trying again; zero: not stated
	Err        error         // the cause, for operators; may be nil
}

// New makes an Error without a cause.
func New(kind Kind, message string) *Error { return &Error{Kind: kind, Message: message} }

// Wrap makes an Error around a cause.
func Wrap(kind Kind, message string, cause error) *Error {
	return &Error{Kind: kind, Message: message, Err: cause}
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the outermost Error in err's chain, Internal without one.
func KindOf(err error) Kind {
	if f, ok := errors.AsType[*Error](err); ok {
		return f.Kind
	}
	return Internal
}

// Message is what a caller may be shown of err.
func Message(err error) string {
	if f, ok := errors.AsType[*Error](err); ok {
		return f.Message
	}
	return "internal error"
}

// RetryAfter is the wait that err states, zero if none.
func RetryAfter(err error) time.Duration {
	if f, ok := errors.AsType[*Error](err); ok {
		return f.RetryAfter
	}
	return 0
}
