package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
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

	ingest, stream, search, rotate *lambdatest.Function
	servers                        []*http.Server
}

const (
	region      = "us-east-1"
	arnPrefix   = "arn:aws:sqs:" + region + ":000000000000:"
	visibility  = 180 // seconds: six times the ingest function's timeout
	receives    = 10
	streamARN   = "arn:aws:kinesis:" + region + ":000000000000:stream/"
	fnTimeout   = 30 * time.Second
	concurrency = 4
)

// prepare makes queues and streams, compiles the functions and sets the indices up.
func (p *product) prepare(ctx context.Context) error {
	p.at = Endpoints{AWS: p.stack.AWS.URL, Region: region, OpenSearch: p.cfg.OpenSearchURL, Streams: map[string]string{}, Functions: map[string]string{}}
	if p.stack.OpenSearch != nil {
		p.at.OpenSearch = p.stack.OpenSearch.URL
	}
	for _, step := range []func(context.Context) error{p.makeQueues, p.makeStream, p.startFunctions, p.listen, p.firstRotation} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *product) makeQueues(ctx context.Context) (err error) {
	if p.at.Queues.DeadLetter, err = p.makeQueue(ctx, "dead-letter", nil); err != nil {
		return err
	}
	attributes := map[string]string{
		"VisibilityTimeout": strconv.Itoa(visibility),
		"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arnPrefix+"dead-letter", receives),
	}
	if p.at.Queues.Ingest, err = p.makeQueue(ctx, "ingest", attributes); err != nil {
		return err
	}
	if _, err = p.makeQueue(ctx, "dead-letter.fifo", map[string]string{"FifoQueue": "true"}); err != nil {
		return err
	}
	p.at.Queues.FIFO, err = p.makeQueue(ctx, "ingest.fifo", map[string]string{
		"FifoQueue": "true", "VisibilityTimeout": strconv.Itoa(visibility),
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arnPrefix+"dead-letter.fifo", receives),
	})
	return err
}

func (p *product) makeQueue(ctx context.Context, name string, attributes map[string]string) (string, error) {
	out, err := p.at.sqs().CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		return "", fmt.Errorf("make the queue %s: %w", name, err)
	}
	return aws.ToString(out.QueueUrl), nil
}

func (p *product) makeStream(ctx context.Context) error {
	if !p.cfg.streams() {
		return nil
	}
	// The server counts from 1 in each run: a name of the run's own keeps its positions apart
	// from those of documents that are there already.
	name := "ingest-" + strconv.FormatInt(time.Now().Unix(), 10)
	_, err := p.at.kinesis().CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &name, ShardCount: aws.Int32(2)})
	if err != nil {
		return fmt.Errorf("make the stream %s: %w", name, err)
	}
	p.at.Streams["ingest"] = name
	return nil
}

// startFunctions compiles the bootstraps as `sam build` does and readies them with the
// variables that template.yaml sets.
func (p *product) startFunctions(ctx context.Context) (err error) {
	say("Compiling the functions")
	for _, f := range []struct {
		into   **lambdatest.Function
		name   string
		folder string
		memory int
		env    map[string]string
	}{
		{&p.ingest, "ingest", "ingest", 512, map[string]string{"DEAD_LETTER_QUEUE_URL": p.at.Queues.DeadLetter}},
		{&p.stream, "ingest-stream", "ingest", 512, map[string]string{"DEAD_LETTER_QUEUE_URL": p.at.Queues.DeadLetter, "DEFAULT_COLLECTION": "logs"}},
		{&p.search, "search", "search", 256, map[string]string{"INGEST_QUEUE_URL": p.at.Queues.Ingest}},
		{&p.rotate, "rotate", "rotate", 256, nil},
	} {
		if *f.into, err = p.function(ctx, f.name, f.folder, f.memory, f.env); err != nil {
			return err
		}
	}
	return nil
}

func (p *product) function(ctx context.Context, name, folder string, memory int, env map[string]string) (*lambdatest.Function, error) {
	bootstrap, err := lambdatest.Compile(ctx, "./functions/"+folder, filepath.Join(p.home.Data, folder))
	if err != nil {
		return nil, err
	}
	vars := map[string]string{
		"OPENSEARCH_URL": p.at.OpenSearch, "AWS_ENDPOINT_URL": p.at.AWS,
		"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	}
	for k, v := range env {
		vars[k] = v
	}
	log, err := os.OpenFile(filepath.Join(p.home.Data, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // our own folder
	if err != nil {
		return nil, err
	}
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	return lambdatest.Start(context.WithoutCancel(ctx), lambdatest.Config{
		Name: name, Bootstrap: bootstrap, Dir: root, Env: vars, Timeout: fnTimeout, MemorySize: memory,
		Concurrency: concurrency, Freeze: true, Log: func(line string) { fmt.Fprintln(log, line) }, //nolint:errcheck // a log
	})
}

// listen opens the HTTP API and the invoke endpoint.
func (p *product) listen(ctx context.Context) error {
	access := &accessLog{next: lambda.Front{Function: p.search}, live: p.live}
	api, err := p.serveOn(ctx, p.cfg.Port, access)
	if err != nil {
		return err
	}
	functions, err := p.serveOn(ctx, functionsPort, lambdatest.Endpoint(p.ingest, p.stream, p.search, p.rotate))
	if err != nil {
		return err
	}
	p.at.Search = api
	for _, name := range []string{"ingest", "search", "rotate"} {
		p.at.Functions[name] = functions
	}
	return nil
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

// firstRotation puts the templates and makes the first indices, before anything is written.
func (p *product) firstRotation(ctx context.Context) error {
	input := fmt.Sprintf(`{"time":%q}`, time.Now().UTC().Format(time.RFC3339))
	res, err := p.rotate.Invoke(ctx, []byte(input))
	if err != nil {
		return fmt.Errorf("rotate: %w", err)
	}
	if res.FunctionError != "" {
		return fmt.Errorf("rotate: %s", res.Payload)
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
	if p.cfg.streams() {
		work.Go(func() error {
			return lambda.Stream{
				Client: p.at.kinesis(), ARN: streamARN + p.at.Streams["ingest"], Function: p.stream, BatchSize: 1000,
				Window: time.Second, ReportBatchItemFailures: true, BisectBatchOnFunctionError: true, MaximumRetryAttempts: -1,
			}.Run(ctx)
		})
	}
	work.Go(func() error {
		return lambda.Schedule{
			Function: p.rotate, Every: time.Minute, Input: `{"time":"<aws.scheduler.scheduled-time>"}`,
		}.Run(ctx)
	})
}

func (p *product) queue() *feed.Queue {
	return &feed.Queue{Client: p.at.sqs(), URL: p.at.Queues.Ingest, Collection: "logs"}
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
	for _, f := range []*lambdatest.Function{p.ingest, p.stream, p.search, p.rotate} {
		if f != nil {
			f.Close()
		}
	}
}
