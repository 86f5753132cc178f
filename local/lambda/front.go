package lambda

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// requestLimit is an HTTP API's, in bytes. The function's own 6 MB come earlier for most bodies.
const requestLimit = 10 << 20

// Front is an API Gateway HTTP API: one $default route and stage, payload format 2.0.
type Front struct {
	Function Function
	Timeout  time.Duration // of the integration; default 30 s, the most that AWS allows
	Log      *slog.Logger  // default: none
	Unsigned bool          // demand tokens as a JWT authorizer does, and believe them unverified
}

// ServeHTTP hands the request to the function and its answer to the client.
func (f Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := requestID()
	w.Header().Set("Apigw-Requestid", id)
	authorizer, ok := f.authorize(r)
	if !ok {
		w.Header().Set("Www-Authenticate", "Bearer")
		message(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, requestLimit+1))
	if err != nil {
		message(w, http.StatusBadRequest, "Bad Request")
		return
	}
	if len(body) > requestLimit {
		message(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), cmp.Or(f.Timeout, 30*time.Second))
	defer cancel()
	event := newHTTPEvent(r, body, id)
	event.RequestContext.Authorizer = authorizer
	result, err := f.Function.Invoke(ctx, encode(event))
	if err == nil && result.FunctionError != "" {
		err = errFunction
	}
	if err == nil {
		err = answer(w, result.Payload)
	}
	if err != nil {
		logger(f.Log).Warn("request failed", "method", r.Method, "request", id, "error", err, "answer", string(head(result.Payload)))
		refuse(w, err)
	}
}

// refuse is what API Gateway answers in the function's stead.
func refuse(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, lambdatest.ErrThrottled):
		message(w, http.StatusTooManyRequests, "Too Many Requests")
	case errors.Is(err, lambdatest.ErrTooLarge):
		message(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, lambdatest.ErrClosed):
		message(w, http.StatusServiceUnavailable, "Service Unavailable")
	default:
		message(w, http.StatusInternalServerError, "Internal Server Error")
	}
}

func message(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encode(struct {
		Message string `json:"message"`
	}{text}))
}
