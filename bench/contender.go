package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// contender is one handler, compiled as `sam build` compiles ours.
type contender struct {
	name, pkg string // pkg: ours from the root, the others from here
	bootstrap string
}

const (
	ours  = "sluice"
	floor = "floor: pass the payload on"
	bare  = "bare aws-lambda-go"
)

// contenders are all there are; ours is the first.
var contenders = []*contender{
	{name: ours, pkg: "./functions/ingest"},
	{name: "typed + opensearch-go v2.3.0 BulkIndexer", pkg: "./peer/opensearchgo"},
	{name: "typed + go-docappender v2.12.1 (no ids)", pkg: "./peer/docappender"},
	{name: "typed + go-elasticsearch v8.19.7 esutil", pkg: "./peer/esutil"},
	{name: floor, pkg: "./peer/passon"},
	{name: bare, pkg: "./peer/bare"},
}

func find(name string) *contender {
	for _, c := range contenders {
		if c.name == name {
			return c
		}
	}
	return nil
}

// compile builds all of them into dir. Ours is built with the root's go.mod, not with
// the one that has the peers in it.
func compile(ctx context.Context, dir string, all []*contender) (err error) {
	for i, c := range all {
		root := strings.HasPrefix(c.pkg, "./functions/")
		if root {
			err = os.Chdir("..")
		}
		if err == nil {
			c.bootstrap, err = lambdatest.Compile(ctx, c.pkg, filepath.Join(dir, fmt.Sprint(i)))
		}
		if root && err == nil {
			err = os.Chdir("bench")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// start readies a contender against an OpenSearch; env are settings beside the usual.
func (c *contender) start(ctx context.Context, url string, environments int, env map[string]string) (*lambdatest.Function, error) {
	vars := map[string]string{
		"OPENSEARCH_URL": url, "DEFAULT_COLLECTION": "logs",
		"DEAD_LETTER_QUEUE_URL": "http://127.0.0.1:1/none", "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
		"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "SEARCH_CURSOR_KEY": "for the benchmark only",
	}
	for name, value := range env {
		vars[name] = value
	}
	return lambdatest.Start(ctx, lambdatest.Config{
		Name: "bench", Bootstrap: c.bootstrap, Dir: "..", Env: vars, Timeout: time.Minute, Concurrency: environments, MemorySize: 1769, Log: complain,
	})
}

// complain shows what a handler calls an error; there is none in a good run.
func complain(line string) {
	if strings.Contains(line, `"level":"ERROR"`) {
		fmt.Fprintln(os.Stderr, line)
	}
}

// invoke fails unless every record was stored.
func invoke(ctx context.Context, fn *lambdatest.Function, payload []byte) (lambdatest.Result, error) {
	res, err := fn.Invoke(ctx, payload)
	if err == nil && string(res.Payload) != `{"batchItemFailures":[]}` {
		err = fmt.Errorf("%s answered %s", fn.Bootstrap, res.Payload)
	}
	return res, err
}
