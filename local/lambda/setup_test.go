package lambda

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/local/part/parttest"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// Every test of this package runs against these real servers and the compiled probe.
var (
	probePath, queues, streams string
	brokers                    parttest.Brokers
)

func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "8") // these tests wait more than they compute
	code, err := withParts(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withParts(run func() int) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "lambda")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if probePath, err = lambdatest.Compile(ctx, "../../shared/lambdatest/testdata/probe", dir); err != nil {
		return 0, err
	}
	stack, err := part.Start(ctx, part.Options{Home: part.Home{Data: filepath.Join(dir, "data")}, Streams: true})
	if err != nil {
		return 0, err
	}
	queues, streams = stack.ElasticMQ.URL, stack.Moto.URL
	brokers.Home = part.Home{Data: filepath.Join(dir, "data")}
	code := run()
	return code, errors.Join(stack.Stop(ctx), brokers.Stop(ctx))
}

func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
}

func sqsClient() *sqs.Client {
	return sqs.New(sqs.Options{Region: "us-east-1", BaseEndpoint: &queues, Credentials: aws.CredentialsProviderFunc(credentials)})
}

// recorder keeps what a mapping did.
type recorder struct {
	mu         sync.Mutex
	deliveries []Delivery
}

func (r *recorder) add(d Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.deliveries = append(r.deliveries, d)
}

func (r *recorder) all() []Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.deliveries)
}

// await waits for n deliveries and returns them.
func (r *recorder) await(t *testing.T, n int) []Delivery {
	t.Helper()
	eventually(t, fmt.Sprintf("%d deliveries", n), func() bool { return len(r.all()) >= n })
	return r.all()
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// function starts the probe with a script, which the returned func replaces.
func function(t *testing.T, cfg lambdatest.Config, script string) (*lambdatest.Function, func(script string)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script")
	write := func(script string) {
		if err := os.WriteFile(path+".new", []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	write(script)
	cfg.Name, cfg.Bootstrap, cfg.Env = "probe", probePath, map[string]string{"PROBE_SCRIPT": path}
	cfg.Timeout = cmp.Or(cfg.Timeout, 20*time.Second)
	f, err := lambdatest.Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f, write
}

var queueNumber atomic.Int64

// queue makes a queue of its own for the test. Visibility is 1 s unless said otherwise.
func queue(t *testing.T, client *sqs.Client, attributes map[string]string) string {
	t.Helper()
	all := map[string]string{"VisibilityTimeout": "1"}
	suffix := ""
	for key, value := range attributes {
		all[key] = value
		if key == "FifoQueue" {
			suffix = ".fifo"
		}
	}
	name := fmt.Sprintf("lambda-%d-%d%s", os.Getpid(), queueNumber.Add(1), suffix)
	out, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: all})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = client.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: out.QueueUrl})
	})
	return *out.QueueUrl
}

// send puts bodies on a queue, in order; in a FIFO queue in the group that stands before a colon.
func send(t *testing.T, client *sqs.Client, url string, bodies ...string) {
	t.Helper()
	for i, body := range bodies {
		in := &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}
		if group, _, ok := strings.Cut(body, ":"); ok && strings.HasSuffix(url, ".fifo") {
			in.MessageGroupId, in.MessageDeduplicationId = &group, aws.String(fmt.Sprint(i, body))
		}
		if _, err := client.SendMessage(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
}

// left is how many messages a queue holds, visible or in flight.
func left(t *testing.T, client *sqs.Client, url string) string {
	t.Helper()
	out, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes["ApproximateNumberOfMessages"] + "+" + out.Attributes["ApproximateNumberOfMessagesNotVisible"]
}

// running starts run and returns what stops it and waits for its end.
func running(t *testing.T, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(time.Minute):
			t.Error("does not stop")
		}
	})
	t.Cleanup(stop)
	return stop
}
