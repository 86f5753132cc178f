package main

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// listen opens the HTTP API and the invoke endpoint.
func (p *product) listen(ctx context.Context) error {
	access := &accessLog{next: lambda.Front{Function: p.search, Unsigned: p.cfg.UnsignedTokens}, live: p.live}
	api, err := p.serveOn(ctx, p.cfg.Port, access)
	if err != nil {
		return err
	}
	functions, err := p.serveOn(ctx, functionsPort, anyPrefix(lambdatest.Endpoint(p.ingest, p.stream, p.table, p.search, p.rotate)))
	if err != nil {
		return err
	}
	p.at.Search = api
	for _, name := range []string{"ingest", "search", "rotate"} {
		p.at.Functions[name] = functions + invokeAPI + "functions/" + name + "/invocations"
	}
	return nil
}

const invokeAPI = "/2015-03-31/"

// anyPrefix lets an invoke URL be posted to, and be an --endpoint-url, to which clients
// append the path once more.
func anyPrefix(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i := strings.LastIndex(r.URL.Path, invokeAPI); i > 0 {
			r.URL.Path, r.URL.RawPath = r.URL.Path[i:], ""
		}
		next.ServeHTTP(w, r)
	})
}

func (p *product) serveOn(ctx context.Context, wanted int, h http.Handler) (string, error) {
	port, err := part.Port(wanted)
	if err != nil {
		return "", err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return "", err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	p.servers = append(p.servers, s)
	go func() { _ = s.Serve(l) }()
	return "http://" + l.Addr().String(), nil
}
