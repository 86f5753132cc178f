package main

import (
	"context"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-dev/sluice/local/feed"
	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// product is the deployed stack, on one machine: template.yaml says the same to AWS.
type product struct {
	cfg   Config
	stack *part.Stack
	home  part.Home
	live  *feed.Live
	at    Endpoints

	ingest, stream, table, search, export, rotate *lambdatest.Function // export is nil without SOURCES=s3
	servers                                       []*http.Server
	buckets                                       *part.Buckets // nil without SOURCES=s3
}

const (
	region      = "us-east-1"
	arnPrefix   = "arn:aws:sqs:" + region + ":000000000000:"
	visibility  = 370 // seconds
	receives    = 100
	streamARN   = "arn:aws:kinesis:" + region + ":000000000000:stream/"
	concurrency = 4
)

// prepare makes queues and streams, compiles the functions and sets the indices up.
func (p *product) prepare(ctx context.Context) error {
	p.at = Endpoints{AWS: p.stack.AWS.URL, Region: region, OpenSearch: p.cfg.OpenSearchURL, Streams: map[string]string{}, Tables: map[string]string{}, Functions: map[string]string{}}
	if p.stack.OpenSearch != nil {
		p.at.OpenSearch = p.stack.OpenSearch.URL
	}
	for _, step := range []func(context.Context) error{p.makeQueues, p.makeSources, p.startFunctions, p.listen, p.firstRotation} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// start runs the event source mappings and the schedule until ctx ends.
func (p *product) start(ctx context.Context, work *errgroup.Group) {
	work.Go(func() error {
		return lambda.Queue{
			Client: p.at.sqs(), URL: p.at.Queues.Ingest, Function: p.ingest, BatchSize: 1000,
			Window: time.Second, MaximumConcurrency: concurrency, ReportBatchItemFailures: true,
		}.Run(ctx)
	})
	work.Go(func() error {
		return lambda.Queue{
			Client: p.at.sqs(), URL: p.at.Queues.FIFO, Function: p.ingest, BatchSize: 10,
			MaximumConcurrency: 2, ReportBatchItemFailures: true,
		}.Run(ctx)
	})
	if p.export != nil {
		work.Go(func() error {
			return lambda.Queue{
				Client: p.at.sqs(), URL: p.at.Queues.Export, Function: p.export, BatchSize: 1,
				MaximumConcurrency: 2, ReportBatchItemFailures: true,
			}.Run(ctx)
		})
	}
	for _, s := range p.cfg.chosen() {
		work.Go(func() error { return s.read(p, ctx) })
	}
	work.Go(func() error {
		return lambda.Schedule{
			Function: p.rotate, Every: time.Minute, Input: `{"time":"<aws.scheduler.scheduled-time>"}`,
		}.Run(ctx)
	})
}

// close takes the addresses back and ends the environments.
func (p *product) close() {
	if path, err := endpointsFile(); err == nil {
		_ = os.Remove(path)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for _, s := range p.servers {
		_ = s.Shutdown(ctx)
	}
	if p.buckets != nil {
		_ = p.buckets.Stop(ctx)
	}
	for _, f := range []*lambdatest.Function{p.ingest, p.stream, p.table, p.search, p.export, p.rotate} {
		if f != nil {
			f.Close()
		}
	}
}
