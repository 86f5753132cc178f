package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// startFunctions compiles the bootstraps as `sam build` does and readies them with the
// variables that template.yaml sets.
func (p *product) startFunctions(ctx context.Context) (err error) {
	say("Compiling the functions")
	search := map[string]string{"INGEST_QUEUE_URL": p.at.Queues.Ingest, "SEARCH_CURSOR_KEY": rand.Text(), "ROWS_DSN": p.cfg.RowsDSN}
	if p.stack.Redis != nil {
		search["CACHE_REDIS_URL"] = p.stack.Redis.URL
	}
	for _, f := range []struct {
		into   **lambdatest.Function
		name   string
		folder string
		memory int
		limit  time.Duration
		env    map[string]string
	}{
		{&p.ingest, "ingest", "ingest", 512, time.Minute, map[string]string{"DEAD_LETTER_QUEUE_URL": p.at.Queues.DeadLetter, "PARKING_QUEUE_URL": p.at.Queues.Parking}},
		{&p.stream, "ingest-stream", "ingest", 512, time.Minute, map[string]string{"DEAD_LETTER_QUEUE_URL": p.at.Queues.DeadLetter, "PARKING_QUEUE_URL": p.at.Queues.Parking, "DEFAULT_COLLECTION": "logs"}},
		{&p.table, "ingest-table", "ingest", 512, time.Minute, map[string]string{"DEAD_LETTER_QUEUE_URL": p.at.Queues.DeadLetter, "PARKING_QUEUE_URL": p.at.Queues.Parking, "DEFAULT_COLLECTION": ordersTable}},
		{&p.search, "search", "search", 512, 29 * time.Second, p.exporting(search)},
		{&p.rotate, "rotate", "rotate", 256, 5 * time.Minute, nil},
	} {
		if *f.into, err = p.function(ctx, f.name, f.folder, f.memory, f.limit, f.env); err != nil {
			return err
		}
	}
	if p.buckets == nil {
		return nil
	}
	p.export, err = p.function(ctx, "export", "search", 512, 2*time.Minute, p.exporting(map[string]string{"ROWS_DSN": p.cfg.RowsDSN}))
	return err
}

// exporting adds where exports go, if there are buckets.
func (p *product) exporting(vars map[string]string) map[string]string {
	if p.buckets != nil {
		vars["EXPORT_BUCKET"], vars["EXPORT_QUEUE_URL"] = exportBucket, p.at.Queues.Export
	}
	return vars
}

func (p *product) function(ctx context.Context, name, folder string, memory int, limit time.Duration, env map[string]string) (*lambdatest.Function, error) {
	bootstrap, err := lambdatest.Compile(ctx, "./functions/"+folder, filepath.Join(p.home.Data, folder))
	if err != nil {
		return nil, err
	}
	vars := map[string]string{
		"OPENSEARCH_URL": p.at.OpenSearch, "OPENSEARCH_AUTH": auth(p.at.OpenSearch), "AWS_ENDPOINT_URL": p.at.AWS,
		"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	}
	if p.buckets != nil {
		vars["AWS_ENDPOINT_URL_S3"] = p.buckets.URL
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
		Name: name, Bootstrap: bootstrap, Dir: root, Env: vars, Timeout: limit, MemorySize: memory,
		Concurrency: concurrency, Freeze: true, Log: func(line string) { fmt.Fprintln(log, line) }, //nolint:errcheck // a log
	})
}

// firstRotation puts the templates and makes the first indices, before anything is written.
func (p *product) firstRotation(ctx context.Context) error {
	input := fmt.Sprintf(`{"time":%q}`, time.Now().UTC().Format(time.RFC3339))
	res, err := p.rotate.Invoke(ctx, []byte(input))
	if err != nil {
		return fmt.Errorf("rotate: %w", err)
	}
	if res.FunctionError != "" {
		return fmt.Errorf("%s\nIts log: %s", told(res.Payload), relative(filepath.Join(p.home.Data, "rotate.log")))
	}
	return nil
}

// told is the sentence of a failed invocation's answer, or the answer as it is.
func told(payload []byte) string {
	var failure struct {
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(payload, &failure) != nil || failure.Message == "" {
		return string(payload)
	}
	return failure.Message
}

// auth is basic where the URL of a cluster that you have names a user and password.
func auth(address string) string {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return client.AuthBasic
	}
	return client.AuthNone
}
