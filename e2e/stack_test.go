// Package e2e runs the compiled, unmodified bootstraps against real parts: OpenSearch,
// an SQS and a Kinesis server, which TestMain starts once and stops, Kafka and RabbitMQ, which
// the first test does that needs them. A fault is made by
// the proxy of e2e/faultproxy or by the server's own settings, never by a stand-in.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/local/part/parttest"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// world is what all tests share.
var world struct {
	stack *part.Stack
	cache string            // where parts are kept
	boot  map[string]string // function folder -> compiled bootstrap
	aws   string            // endpoint of queues and streams
	sqs   *sqs.Client
	kin   *kinesis.Client
	s3    *s3.Client
	local string // the compiled local/

	brokers parttest.Brokers

	// Started by the first test that asks, and stopped at the end.
	buckets func() (*part.Buckets, error)
	secured func() (*part.OpenSearch, error) // with the security plugin
	asked   []stopper                        // what of them was started
	asking  sync.Mutex

	rows func() (string, error) // functions/search that can read rows, compiled by the first test that asks
}

type stopper interface{ Stop(context.Context) error }

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "4") // those that may run at once wait more than they compute; -parallel says otherwise
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sluice-e2e-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	if err := start(dir); err != nil {
		return fail(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		err := errors.Join(world.stack.Stop(ctx), world.brokers.Stop(ctx))
		for _, one := range world.asked {
			err = errors.Join(err, one.Stop(ctx))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	return m.Run()
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func start(dir string) (err error) {
	if world.cache, err = part.DefaultCache(); err != nil {
		return err
	}
	if err := compile(dir); err != nil {
		return err
	}
	home := part.Home{Cache: world.cache, Data: filepath.Join(dir, "data"), Say: func(s string) { fmt.Fprintln(os.Stderr, s) }}
	world.brokers.Home = home
	world.buckets = once(func() (*part.Buckets, error) {
		return part.StartBuckets(context.Background(), home, part.BucketsOptions{})
	})
	world.secured = once(func() (*part.OpenSearch, error) {
		apart := home
		apart.Data = filepath.Join(dir, "secured")
		return part.StartOpenSearch(context.Background(), apart, part.OpenSearchOptions{Security: true})
	})
	world.rows = sync.OnceValues(func() (string, error) {
		return lambdatest.Compile(context.Background(), "../functions/search", filepath.Join(dir, "search-rows"), "rows")
	})
	snapshots := filepath.Join(dir, "snapshots")
	world.stack, err = part.Start(context.Background(), part.Options{
		Home: home,
		OpenSearch: &part.OpenSearchOptions{
			Version: os.Getenv("OPENSEARCH_VERSION"), Heap: "1g",
			Settings: map[string]any{"path.repo": snapshots},
		},
		Queues: true, Streams: true,
	})
	if err != nil {
		return err
	}
	world.aws = world.stack.AWS.URL
	cred := credentials.NewStaticCredentialsProvider("local", "local", "")
	world.sqs = sqs.New(sqs.Options{Region: "us-east-1", BaseEndpoint: &world.aws, Credentials: cred})
	world.s3 = s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &world.aws, Credentials: cred, UsePathStyle: true})
	world.kin = kinesis.New(kinesis.Options{Region: "us-east-1", BaseEndpoint: &world.aws, Credentials: cred})
	return nil
}

// once starts a part when it is first asked for.
func once[P stopper](start func() (P, error)) func() (P, error) {
	return sync.OnceValues(func() (P, error) {
		p, err := start()
		if err == nil {
			world.asking.Lock()
			defer world.asking.Unlock()
			world.asked = append(world.asked, p)
		}
		return p, err
	})
}

// compile builds the bootstraps as `sam build` does.
func compile(dir string) (err error) {
	world.boot = map[string]string{}
	for _, fn := range []string{"ingest", "search", "rotate"} {
		world.boot[fn], err = lambdatest.Compile(context.Background(), "../functions/"+fn, filepath.Join(dir, fn))
		if err != nil {
			return err
		}
	}
	world.local, err = lambdatest.Compile(context.Background(), "../local", filepath.Join(dir, "local"))
	return err
}

// call sends one request to OpenSearch at base and decodes the answer; any status but
// those of 2xx and 404 fails the test.
func call(t testing.TB, base, method, path, body string) (status int, answer map[string]any) {
	t.Helper()
	status, text := send(t, base, method, path, body)
	if status/100 != 2 && status != http.StatusNotFound {
		t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	_ = dec.Decode(&answer) // a HEAD has no body
	return status, answer
}

func send(t testing.TB, base, method, path, body string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if strings.Contains(path, "_bulk") {
		req.Header.Set("Content-Type", "application/x-ndjson")
	}
	a := fetch(t, req)
	return a.status, a.body
}

// httpAnswer is a whole answer.
type httpAnswer struct {
	status int
	header http.Header
	body   []byte
}

func fetch(t testing.TB, req *http.Request) httpAnswer {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return httpAnswer{res.StatusCode, res.Header, text}
}

// eventually tries until ok says nothing, and fails with its last word after the limit.
func eventually(t testing.TB, limit time.Duration, ok func() string) {
	t.Helper()
	end := time.Now().Add(limit)
	for {
		word := ok()
		if word == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("after %s: %s", limit, word)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// queue makes a queue with the attributes given and returns its URL and ARN.
func queue(t testing.TB, name string, attributes map[string]string) (url, arn string) {
	t.Helper()
	out, err := world.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.QueueUrl), "arn:aws:sqs:us-east-1:000000000000:" + name
}
