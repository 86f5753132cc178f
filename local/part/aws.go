package part

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

// AWS is one loopback endpoint for AWS_ENDPOINT_URL and `aws --endpoint-url`: SQS goes to
// ElasticMQ, every other service to moto.
type AWS struct {
	URL    string
	server *http.Server
}

// StartAWS serves on a port in front of a queue server and, unless its URL is empty, moto.
func StartAWS(port int, queues, rest string) (*AWS, error) {
	l, err := net.Listen("tcp", address(port))
	if err != nil {
		return nil, err
	}
	handler, err := newGateway(queues, rest)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	a := &AWS{URL: "http://" + l.Addr().String(), server: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}}
	go a.server.Serve(l)
	return a, nil
}

// Stop lets running requests end until ctx is over.
func (a *AWS) Stop(ctx context.Context) error {
	if err := a.server.Shutdown(ctx); err != nil {
		return a.server.Close()
	}
	return nil
}

func newGateway(queues, rest string) (http.Handler, error) {
	sqs, err := forward(queues)
	if err != nil {
		return nil, err
	}
	others := http.Handler(http.HandlerFunc(notRunning))
	if rest != "" {
		if others, err = forward(rest); err != nil {
			return nil, err
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if serviceOf(r) == "sqs" {
			sqs.ServeHTTP(w, r)
		} else {
			others.ServeHTTP(w, r)
		}
	}), nil
}

func forward(to string) (http.Handler, error) {
	target, err := url.Parse(to)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // moto reads bucket names from it
		},
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0),
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}, nil
}

// notRunning answers 400, which no SDK tries again, in the shape that all of them read.
func notRunning(w http.ResponseWriter, r *http.Request) {
	const kind = "ServiceNotRunning"
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Errortype", kind)
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"__type":%q,"message":"%s is not running here: start with SOURCES=sqs,kinesis or sqs,dynamodb"}`, kind, serviceOf(r))
}
