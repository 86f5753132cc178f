package chaos

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// Times are scaled: minutes of AWS are seconds here.
const (
	visibility   = 10              // seconds
	functionTime = 9 * time.Second // AWS allows no more than the visibility timeout
	environments = 6
	arns         = "us-east-1:000000000000:"
)

// stage is the product and everything around it.
type stage struct {
	*testing.T
	content
	docs  int
	dir   string
	kinds []fault // that are injected

	manager, node *part.OpenSearch // the cluster manager alone, and the node of the data
	parts         *part.Stack
	wire          *faultproxy.Proxy // before OpenSearch
	cloud         *faultproxy.Proxy // before AWS, as the functions see it
	sqs           *sqs.Client
	kinesis       *kinesis.Client
	secrets       *secretsmanager.Client
	secret        string       // its ARN
	password      atomic.Value // that the cluster takes

	ingest, stream, rotate *lambdatest.Function
	mapping                *between // the event source mapping's way to ingest
	queue, dead, spent     string   // URLs
	progress
	harm
	tally
}

// collectionFiles writes the run's collections and returns the functions' task root.
func (s *stage) collectionFiles() string {
	root := filepath.Join(s.dir, "task")
	if err := os.MkdirAll(filepath.Join(root, "collections"), 0o750); err != nil {
		s.Fatal(err)
	}
	for _, c := range collections {
		most := strconv.Itoa(max(s.docs/200, 50))
		text := "name: " + c.name + "\n" + strings.ReplaceAll(c.yaml, "MOST", most)
		if err := os.WriteFile(filepath.Join(root, "collections", c.name+".yaml"), []byte(text), 0o600); err != nil {
			s.Fatal(err)
		}
	}
	return root
}

// start starts it all; everything ends with the test.
func (s *stage) start() {
	s.startParts()
	s.startCloud()
	root := s.collectionFiles()
	s.ingest = s.function("ingest", "ingest", root, environments)
	s.stream = s.function("ingest-stream", "ingest", root, environments)
	s.rotate = s.function("rotate", "rotate", root, 1)
	s.mapping = &between{next: s.ingest, met: &s.tally}
	s.run(lambda.Queue{
		Client: s.sqs, URL: s.queue, Function: s.mapping, BatchSize: 10, MaximumConcurrency: environments,
		ReportBatchItemFailures: true,
	}.Run)
	s.run(lambda.Stream{
		Client: s.kinesis, ARN: "arn:aws:kinesis:" + arns + "stream/events", Function: s.stream, BatchSize: 20, Window: 200 * time.Millisecond,
		MaximumRetryAttempts: -1, BisectBatchOnFunctionError: true, ReportBatchItemFailures: true, MaxBackoff: time.Second,
		Observe: s.taken,
	}.Run)
	s.run(s.watchQueue)
}

// startParts starts a cluster of two nodes, so that it can be without its manager, and
// the servers of queues, streams and secrets.
func (s *stage) startParts() {
	ctx := s.Context()
	transport, err := part.Port(0)
	s.must(err)
	common := map[string]any{"discovery.type": "zen", "discovery.seed_hosts": []string{"127.0.0.1:" + strconv.Itoa(transport)}}
	home := func(name string) part.Home {
		return part.Home{Data: filepath.Join(s.dir, name), Say: func(text string) { fmt.Fprintln(os.Stderr, text) }}
	}
	s.manager, err = part.StartOpenSearch(ctx, home("manager"), part.OpenSearchOptions{Heap: "256m", Settings: with(common, map[string]any{
		"node.name": "manager", "node.roles": []string{"cluster_manager"}, "transport.port": transport,
		"cluster.initial_cluster_manager_nodes": []string{"manager"},
	})})
	s.must(err)
	s.Cleanup(func() { s.stop(s.manager.Stop) })
	s.node, err = part.StartOpenSearch(ctx, home("node"), part.OpenSearchOptions{Heap: "1g", Settings: with(common, map[string]any{
		"node.name": "data", "node.roles": []string{"data", "ingest"},
		"thread_pool.write.size": 1, "thread_pool.write.queue_size": 16, "http.max_content_length": "400kb",
	})})
	s.must(err)
	s.Cleanup(func() { s.stop(s.node.Stop) })
	s.parts, err = part.Start(ctx, part.Options{Home: home("aws"), Queues: true, Streams: true})
	s.must(err)
	s.Cleanup(func() { s.stop(s.parts.Stop) })
}

func with(a, b map[string]any) map[string]any {
	all := map[string]any{}
	for _, m := range []map[string]any{a, b} {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

// function compiles and readies one, with patience that suits the scaled times.
func (s *stage) function(name, folder, root string, concurrency int) *lambdatest.Function {
	boot, err := lambdatest.Compile(s.Context(), "../../functions/"+folder, filepath.Join(s.dir, folder))
	s.must(err)
	log, err := os.Create(filepath.Join(s.dir, name+".log"))
	s.must(err)
	fn, err := lambdatest.Start(context.WithoutCancel(s.Context()), lambdatest.Config{
		Name: name, Bootstrap: boot, Dir: root, Timeout: functionTime, Concurrency: concurrency, MemorySize: 512, Freeze: true,
		Log: func(line string) { fmt.Fprintln(log, line) }, //nolint:errcheck // a log
		Env: map[string]string{
			"OPENSEARCH_URL": s.wire.URL, "OPENSEARCH_AUTH": "basic", "OPENSEARCH_SECRET_ARN": s.secret, "DEAD_LETTER_QUEUE_URL": s.dead,
			"OPENSEARCH_HEADER_TIMEOUT": "3s", "OPENSEARCH_MAX_ATTEMPTS": "2", "OPENSEARCH_BACKOFF_MAX": "500ms",
			"OPENSEARCH_BREAKER_OPEN": "1s", "OPENSEARCH_IDLE_TIMEOUT": "2s",
			"AWS_ENDPOINT_URL": s.cloud.URL, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		},
	})
	s.must(err)
	s.Cleanup(func() { fn.Close(); _ = log.Close() })
	return fn
}

// run runs part of the stage until the test ends.
func (s *stage) run(loop func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.Context()))
	var work sync.WaitGroup
	work.Go(func() {
		if err := loop(ctx); err != nil {
			s.Error(err)
		}
	})
	s.Cleanup(func() { cancel(); work.Wait() })
}

func (s *stage) stop(stop func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := stop(ctx); err != nil {
		s.Error(err)
	}
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}
