package lambdatest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// Endpoint is Lambda's Invoke API over fns: what `aws lambda invoke --endpoint-url` calls.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func Endpoint(fns ...*Function) http.Handler {
	byName := make(map[string]*Function, len(fns))
	for _, f := range fns {
		byName[f.Name] = f
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Amzn-Requestid", newID())
		name := functionName(r.PathValue("name"))
		f, ok := byName[name]
		if !ok {
			decline(w, http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+name)
			return
		}
		f.serve(w, r)
	})
	return mux
}

// functionName is the name in a name, a partial or a full ARN, with or without a qualifier.
func functionName(s string) string {
	if _, after, ok := strings.Cut(s, ":function:"); ok {
		s = after
	}
	name, _, _ := strings.Cut(s, ":")
	return name
}

func (f *Function) serve(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload+1))
	if err != nil {
		decline(w, http.StatusBadRequest, "InvalidRequestContentException", err.Error())
		return
	}
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	if len(payload) > MaxPayload {
		decline(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", sentence(ErrTooLarge))
		return
	}
	if !json.Valid(payload) {
		decline(w, http.StatusBadRequest, "InvalidRequestContentException", "Could not parse request body into json.")
		return
	}
	switch kind := r.Header.Get("X-Amz-Invocation-Type"); kind {
	case "", "RequestResponse":
		f.respond(w, r, payload)
	case "Event":
		go f.invokeLater(payload)
		w.WriteHeader(http.StatusAccepted)
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
	default:
		decline(w, http.StatusBadRequest, "InvalidParameterValueException", "Unknown invocation type: "+kind)
	}
}

func (f *Function) respond(w http.ResponseWriter, r *http.Request, payload []byte) {
	result, err := f.Invoke(r.Context(), payload)
	switch {
	case errors.Is(err, ErrThrottled):
		decline(w, http.StatusTooManyRequests, "TooManyRequestsException", "Rate Exceeded.")
	case err != nil:
		decline(w, http.StatusInternalServerError, "ServiceException", sentence(err))
	default:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("X-Amzn-Requestid", result.RequestID)
		h.Set("X-Amz-Executed-Version", "$LATEST")
		if result.FunctionError != "" {
			h.Set("X-Amz-Function-Error", result.FunctionError)
		}
		_, _ = w.Write(result.Payload)
	}
}

// invokeLater is an asynchronous invocation: two retries after a failure, as on AWS but
// after seconds instead of minutes; a throttled one waits its turn.
func (f *Function) invokeLater(payload []byte) {
	for failures := 0; failures < 3; {
		result, err := f.Invoke(context.Background(), payload)
		switch {
		case err == nil && result.FunctionError == "", errors.Is(err, ErrClosed):
			return
		case !errors.Is(err, ErrThrottled):
			failures++
		}
		time.Sleep(time.Second)
	}
	f.log("asynchronous invocation given up after 3 attempts")
}

// decline is an error of the API itself, in the form that AWS's SDKs read.
func decline(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct{ Type, Message string }{"User", message})
}

func sentence(err error) string {
	s := err.Error()
	return strings.ToUpper(s[:1]) + s[1:]
}
