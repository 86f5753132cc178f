package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/local/redrive"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// ingest compiles the function of this checkout and runs it as a preview: by the
// collections that are here now, against the OpenSearch that the environment or the run
// names. It inherits the environment, for credentials and the settings of OpenSearch.
func (s *session) ingest(ctx context.Context) (redrive.Invoke, func(), error) {
	cache, err := part.DefaultCache()
	if err != nil {
		return nil, nil, err
	}
	data := filepath.Join(cache, "preview")
	tell("Compiling ingest\n")
	bootstrap, err := lambdatest.Compile(ctx, "./functions/ingest", data)
	if err != nil {
		return nil, nil, err
	}
	root, err := os.Getwd()
	if err != nil {
		return nil, nil, err
	}
	log, err := os.Create(filepath.Join(data, "ingest.log")) //nolint:gosec // our own folder
	if err != nil {
		return nil, nil, err
	}
	f, err := lambdatest.Start(context.WithoutCancel(ctx), lambdatest.Config{
		Name: "ingest-preview", Bootstrap: bootstrap, Dir: root, Env: s.environment(), Timeout: 5 * time.Minute, MemorySize: 1024, Region: s.region,
		Log: func(line string) { fmt.Fprintln(log, line) }, //nolint:errcheck // a log
	})
	if err != nil {
		return nil, nil, err
	}
	invoke := func(ctx context.Context, event []byte) ([]byte, error) {
		res, err := f.Invoke(ctx, event)
		if err == nil && res.FunctionError != "" {
			err = fmt.Errorf("%s\nIts log: %s", told(res.Payload), relative(log.Name()))
		}
		return res.Payload, err
	}
	return invoke, func() { f.Close(); _ = log.Close() }, nil
}

func (s *session) environment() map[string]string {
	vars := map[string]string{}
	for _, pair := range os.Environ() {
		if name, value, ok := strings.Cut(pair, "="); ok {
			vars[name] = value
		}
	}
	if s.at != nil {
		maps.Copy(vars, map[string]string{
			"OPENSEARCH_URL": s.at.OpenSearch, "OPENSEARCH_AUTH": auth(s.at.OpenSearch), "AWS_ENDPOINT_URL": s.at.AWS,
			"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		})
	}
	maps.Copy(vars, map[string]string{"INGEST_PREVIEW": "true", "DEAD_LETTER_QUEUE_URL": s.from.URL, "PARKING_QUEUE_URL": "none"})
	return vars
}
