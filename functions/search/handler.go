package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	ginadapter "github.com/awslabs/aws-lambda-go-api-proxy/gin"
	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/fault"
)

// handler is what Lambda calls: an HTTP API event in, its answer out. It never fails an
// invocation: the gateway would answer 500 without a word. A queue's event is one of exports.
type handler struct {
	proxy *ginadapter.GinLambdaV2
	log   *slog.Logger
	tasks worker // of the queue of exports
}

func newHandler(engine *gin.Engine, log *slog.Logger) handler {
	return handler{proxy: ginadapter.NewV2(engine), log: log}
}

// Invoke implements lambda.Handler.
func (h handler) Invoke(ctx context.Context, payload []byte) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			h.log.ErrorContext(ctx, "panic", "panic", fmt.Sprint(p))
			out, err = encode(failed(fault.New(fault.Internal, "internal error"), "")), nil
		}
	}()
	if messages := tasksOf(payload); messages != nil && h.tasks.server != nil {
		return h.tasks.answer(ctx, messages), nil
	}
	event, err := readEvent(payload)
	if err != nil {
		h.log.WarnContext(ctx, "event refused", "error", err)
		return encode(failed(fault.New(fault.Invalid, err.Error()), event.RawPath)), nil
	}
	answer, err := h.proxy.ProxyWithContext(ctx, event)
	if err != nil {
		h.log.WarnContext(ctx, "event not converted", "error", err)
		return encode(failed(fault.New(fault.Invalid, "the request cannot be read"), event.RawPath)), nil
	}
	if event.RequestContext.HTTP.Method == http.MethodHead {
		answer.Body, answer.IsBase64Encoded = "", false // the adapter is no HTTP server, which would know
	}
	return encode(answer), nil
}

func failed(err error, path string) events.APIGatewayV2HTTPResponse {
	p := problemOf(err)
	p.Instance = path
	headers := maps.Clone(harmless)
	headers["Content-Type"] = problemType
	return events.APIGatewayV2HTTPResponse{StatusCode: p.Status, Body: string(jsonOf(p)), Headers: headers}
}

// emptyBody stands nowhere else: inside a string its quotes would be escaped.
var emptyBody = []byte(`"body":""`)

// encode leaves < > & as they are: escaped, they would take six bytes each of the 6 MB
// that Lambda lets an answer have.
func encode(answer events.APIGatewayV2HTTPResponse) []byte {
	if answer.StatusCode == 0 {
		answer.StatusCode = http.StatusInternalServerError
	}
	body := answer.Body
	answer.Body = ""
	before, after, _ := bytes.Cut(jsonOf(answer), emptyBody)
	out := make([]byte, 0, len(before)+len(body)*9/8+len(after)+100)
	out = append(append(out, before...), emptyBody[:len(emptyBody)-2]...)
	out, _ = jsontext.AppendQuote(out, body) // the adapter has made base64 of what is not UTF-8
	return append(out, after...)
}
