package lambdatest

import (
	"io"
	"net/http"
	"strconv"
)

// routes is the Runtime API and as much of the Extensions API as an internal extension uses.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (e *environment) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", e.getNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", e.postResponse)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", e.postError)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", e.postInitError)
	mux.HandleFunc("POST /2020-01-01/extension/register", e.postRegister)
	mux.HandleFunc("GET /2020-01-01/extension/event/next", e.getEvent)
	return mux
}

func (e *environment) getNext(w http.ResponseWriter, r *http.Request) {
	select {
	case e.ready <- struct{}{}:
	default: // asked again without an answer in between: still one request
	}
	select {
	case call := <-e.next:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", call.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(call.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", e.fn.ARN())
		h.Set("Lambda-Runtime-Trace-Id", traceID(call))
		_, _ = w.Write(call.payload)
	case <-r.Context().Done():
	}
}

func (e *environment) postResponse(w http.ResponseWriter, r *http.Request) {
	e.finish(w, r, false)
}

func (e *environment) postError(w http.ResponseWriter, r *http.Request) {
	e.finish(w, r, true)
}

// finish takes the one answer of the invocation that is running.
func (e *environment) finish(w http.ResponseWriter, r *http.Request, failed bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload+1))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequest", err.Error())
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	call := e.current
	if call == nil || call.id != r.PathValue("id") {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	e.current = nil
	if len(body) > MaxPayload {
		const text = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
		call.answer <- reply{errorPayload("Function.ResponseSizeTooLarge", text), true}
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", text)
		return
	}
	call.answer <- reply{body, failed}
	accept(w)
}

func (e *environment) postInitError(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequest", err.Error())
		return
	}
	select {
	case e.initError <- body:
		accept(w)
	default:
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "Transition is not allowed")
	}
}

func (e *environment) postRegister(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Lambda-Extension-Name") == "" {
		refuse(w, http.StatusForbidden, "Extension.InvalidExtensionName", "Lambda-Extension-Name is missing")
		return
	}
	e.extension.Store(true)
	w.Header().Set("Lambda-Extension-Identifier", newID())
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"functionName":"`+e.fn.Name+`","functionVersion":"$LATEST","handler":"bootstrap"}`)
}

// getEvent never answers: an internal extension may not subscribe to SHUTDOWN.
func (e *environment) getEvent(_ http.ResponseWriter, r *http.Request) {
	<-r.Context().Done()
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(errorPayload(kind, message))
}

// traceID has X-Ray's form; nothing is sampled.
func traceID(call *invocation) string {
	hex := newID()
	return "Root=1-" + strconv.FormatInt(call.started.Unix(), 16) + "-" + hex[:8] + call.id[:8] + hex[9:13] +
		call.id[9:13] + ";Parent=" + hex[:8] + hex[14:18] + hex[9:13] + ";Sampled=0"
}
