// Package page clicks through the page in a real browser: the compiled search function
// before a real OpenSearch, with documents that went through the ingest function.
package page

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// stage is what all tests share.
var stage struct {
	opensearch *part.OpenSearch
	redis      *part.Redis // in which the environments share what they remember
	chromium   *part.Chromium
	ingest     *lambdatest.Function
	search     *lambdatest.Function
	url        string // of the page
	axe        string // axe-core's script
	begun      time.Time
	cut        atomic.Bool                                                   // the connections of browsers
	instead    atomic.Pointer[func(http.ResponseWriter, *http.Request) bool] // answers, where it says so, in the function's place
}

var screenshots = flag.String("screenshots", "", "write the screenshots into this folder")

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sluice-page-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	defer stop()
	if err := start(context.Background(), dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func start(ctx context.Context, dir string) (err error) {
	home := part.Home{Data: filepath.Join(dir, "data"), Say: func(text string) { fmt.Fprintln(os.Stderr, text) }}
	if stage.opensearch, err = part.StartOpenSearch(ctx, home, part.OpenSearchOptions{Heap: "512m"}); err != nil {
		return err
	}
	if stage.redis, err = part.StartRedis(ctx, home, part.RedisOptions{}); err != nil {
		return err
	}
	if stage.chromium, err = part.StartChromium(ctx, home); err != nil {
		return err
	}
	if err := fetchAxe(ctx, home); err != nil {
		return err
	}
	if err := collections(dir); err != nil {
		return err
	}
	if stage.ingest, err = function(ctx, dir, "ingest"); err != nil {
		return err
	}
	if stage.search, err = function(ctx, dir, "search"); err != nil {
		return err
	}
	gateway := lambda.Front{Function: stage.search}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if stage.cut.Load() {
			panic(http.ErrAbortHandler)
		}
		if other := stage.instead.Load(); other != nil && (*other)(w, r) {
			return
		}
		gateway.ServeHTTP(w, r)
	}))
	stage.url, stage.begun = front.URL, time.Now().UTC().Truncate(time.Second)
	return documents()
}

func stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, f := range []*lambdatest.Function{stage.ingest, stage.search} {
		if f != nil {
			f.Close()
		}
	}
	if stage.chromium != nil {
		_ = stage.chromium.Stop(ctx)
	}
	if stage.redis != nil {
		_ = stage.redis.Stop(ctx)
	}
	if stage.opensearch != nil {
		_ = stage.opensearch.Stop(ctx)
	}
}

func fetchAxe(ctx context.Context, home part.Home) error {
	dir, err := part.NPM{Name: "axe-core", Version: "4.14.1", Sum: "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"}.Fetch(ctx, home)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, "package", "axe.min.js"))
	stage.axe = string(text)
	return err
}

// function compiles and readies one, as it is deployed.
func function(ctx context.Context, dir, name string) (*lambdatest.Function, error) {
	boot, err := lambdatest.Compile(ctx, "../../functions/"+name, filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return nil, err
	}
	return lambdatest.Start(ctx, lambdatest.Config{
		Name: name, Bootstrap: boot, Dir: dir, Timeout: 29 * time.Second, Concurrency: 10, MemorySize: 512,
		Env: map[string]string{
			"OPENSEARCH_URL": stage.opensearch.URL, "DEAD_LETTER_QUEUE_URL": "http://127.0.0.1:9/000000000000/dead", // a dead letter fails its batch
			"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "SEARCH_CURSOR_KEY": "a key of these tests alone", "CACHE_REDIS_URL": stage.redis.URL,
		},
		Log: func(line string) {
			if strings.Contains(line, "cannot start") {
				fmt.Fprintln(os.Stderr, line)
			}
			fmt.Fprintln(log, line) //nolint:errcheck // a log
		},
	})
}

// put has the ingest function store documents, and makes them findable.
func put(collection string, documents map[string]string) error {
	var records []map[string]any
	for id, body := range documents {
		records = append(records, record(collection, id, body))
		if len(records) == 500 {
			if err := send(records); err != nil {
				return err
			}
			records = nil
		}
	}
	if err := send(records); err != nil {
		return err
	}
	return refresh()
}

// send has the ingest function store a batch.
func send(records []map[string]any) error {
	event, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		return err
	}
	result, err := stage.ingest.Invoke(context.Background(), event)
	if err != nil || result.FunctionError != "" || !strings.Contains(string(result.Payload), `"batchItemFailures":[]`) {
		return errors.Join(err, fmt.Errorf("not stored: %s", result.Payload))
	}
	return nil
}

// refresh makes findable what is stored.
func refresh() error {
	res, err := http.Post(stage.opensearch.URL+"/_refresh", "application/json", nil)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// record is a message of SQS, as Lambda hands it on.
func record(collection, id, body string) map[string]any {
	text := func(v string) map[string]any { return map[string]any{"stringValue": v, "dataType": "String"} }
	attributes := map[string]any{"collection": text(collection), "plain": text("true")}
	if id != "" {
		attributes["id"] = text(id)
	}
	sent := fmt.Sprint(time.Now().UnixMilli())
	return map[string]any{
		"messageId": "m-" + id, "receiptHandle": "h", "body": body, "messageAttributes": attributes, "eventSource": "aws:sqs",
		"attributes":     map[string]string{"SentTimestamp": sent, "ApproximateReceiveCount": "1", "ApproximateFirstReceiveTimestamp": sent, "SenderId": "A"},
		"eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:ingest", "awsRegion": "us-east-1",
	}
}
