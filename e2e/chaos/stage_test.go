package chaos

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
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
	s.ingest = s.function("ingest", "ingest", root, nil)
	s.stream = s.function("ingest-stream", "ingest", root, nil)
	s.rotate = s.function("rotate", "rotate", root, nil)
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

// startCloud makes queues, stream, secret, and the two proxies.
func (s *stage) startCloud() {
	ctx, base := s.Context(), &s.parts.AWS.URL
	anyone := credentials.NewStaticCredentialsProvider("local", "local", "")
	s.sqs = sqs.New(sqs.Options{Region: "us-east-1", BaseEndpoint: base, Credentials: anyone})
	s.kinesis = kinesis.New(kinesis.Options{Region: "us-east-1", BaseEndpoint: base, Credentials: anyone})
	s.secrets = secretsmanager.New(secretsmanager.Options{Region: "us-east-1", BaseEndpoint: base, Credentials: anyone})
	s.dead = s.makeQueue("dead", nil)
	s.spent = s.makeQueue("spent", nil) // what was received a hundred times and never stored
	s.queue = s.makeQueue("ingest", map[string]string{"VisibilityTimeout": strconv.Itoa(visibility),
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:` + arns + `spent","maxReceiveCount":"100"}`})
	_, err := s.kinesis.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String("events"), ShardCount: aws.Int32(2)})
	s.must(err)
	s.password.Store("the first one")
	made, err := s.secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("login"), SecretString: aws.String(login("the first one"))})
	s.must(err)
	s.secret = aws.ToString(made.ARN)
	s.wire, err = faultproxy.Start(s.node.URL)
	s.must(err)
	s.Cleanup(s.wire.Close)
	s.cloud, err = faultproxy.Start(*base)
	s.must(err)
	s.Cleanup(s.cloud.Close)
	s.wire.Watch(s.answered)
	s.cloud.Watch(func(faultproxy.Request, int, []byte) {})
	s.wire.Inject(s.stranger, -1, s.meets("password rotated", faultproxy.Status(401, "security_exception", "no such user or password")))
}

func login(password string) string {
	return fmt.Sprintf(`{"username":"sluice","password":%q}`, password)
}

// stranger has not the password of the day.
func (s *stage) stranger(r faultproxy.Request) bool {
	_, password, _ := (&http.Request{Header: r.Header}).BasicAuth()
	return password != s.password.Load()
}

func (s *stage) makeQueue(name string, attributes map[string]string) string {
	out, err := s.sqs.CreateQueue(s.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	s.must(err)
	return aws.ToString(out.QueueUrl)
}

// function compiles and readies one, with patience that suits the scaled times.
func (s *stage) function(name, folder, root string, env map[string]string) *lambdatest.Function {
	boot, err := lambdatest.Compile(s.Context(), "../../functions/"+folder, filepath.Join(s.dir, folder))
	s.must(err)
	log, err := os.Create(filepath.Join(s.dir, name+".log"))
	s.must(err)
	fn, err := lambdatest.Start(context.WithoutCancel(s.Context()), lambdatest.Config{
		Name: name, Bootstrap: boot, Dir: root, Timeout: functionTime, Concurrency: environments, MemorySize: 512, Freeze: true,
		Log: func(line string) { fmt.Fprintln(log, line) }, //nolint:errcheck // a log
		Env: merged(map[string]string{
			"OPENSEARCH_URL": s.wire.URL, "OPENSEARCH_AUTH": "basic", "OPENSEARCH_SECRET_ARN": s.secret, "DEAD_LETTER_QUEUE_URL": s.dead,
			"OPENSEARCH_HEADER_TIMEOUT": "2s", "OPENSEARCH_MAX_ATTEMPTS": "2", "OPENSEARCH_BACKOFF_MAX": "500ms",
			"OPENSEARCH_BREAKER_OPEN": "1s", "OPENSEARCH_IDLE_TIMEOUT": "2s",
			"AWS_ENDPOINT_URL": s.cloud.URL, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		}, env),
	})
	s.must(err)
	s.Cleanup(func() { fn.Close(); _ = log.Close() })
	return fn
}

func merged(a, b map[string]string) map[string]string {
	for k, v := range b {
		a[k] = v
	}
	return a
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

// admin calls OpenSearch past the proxy until it answers with a status of want.
func (s *stage) admin(method, path, body string, want ...int) ([]byte, error) {
	var last error
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end) && s.Context().Err() == nil; time.Sleep(200 * time.Millisecond) {
		status, text, err := s.call(method, path, body)
		for _, ok := range append(want, http.StatusOK) {
			if err == nil && status == ok {
				return text, nil
			}
		}
		last = fmt.Errorf("%s %s: %d %.300s: %w", method, path, status, text, err)
	}
	return nil, last
}

func (s *stage) call(method, path, body string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(s.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.node.URL+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, err
}
