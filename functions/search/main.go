// Command search answers HTTP: Lambda hands it an API Gateway HTTP API event (payload
// format 2.0), the proxy adapter makes a request of it, Gin routes it. Searches go to
// OpenSearch as shared/query writes them; posted documents go on the queue, never straight
// to OpenSearch. It refuses parameters it does not know, and to pass off part of an answer
// as the whole: every answer says how complete it is. Errors are RFC 9457 problems.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dev/sluice/shared/cache"
	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/cloud"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/config"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

type settings struct {
	Config
	AWS         cloud.Config
	Cache       cache.Config
	Client      client.Config
	Collections collection.Config
	Metrics     telemetry.Config
}

func (s settings) Validate() error {
	return errors.Join(s.Config.Validate(), s.Cache.Validate(), s.Client.Validate())
}

func main() {
	if err := run(context.Background()); err != nil {
		slog.Error("search cannot start", "error", err)
		os.Exit(1)
	}
}

// signals are Redis's, if there is one.
func signals(r *cache.Redis) client.Signals {
	if r == nil {
		return nil // not an interface that holds nil
	}
	return r
}

// run builds what an environment keeps, without touching the network, and serves.
func run(ctx context.Context) error {
	var s settings
	if err := config.Load(&s); err != nil {
		return err
	}
	s.Config.spareCollections()
	set, err := collection.Open(s.Collections)
	if err != nil {
		return fmt.Errorf("collections: %w", err)
	}
	aws := s.AWS.AWS()
	s.Client.MaxAttempts = min(s.Client.MaxAttempts, 2) // someone is waiting
	if s.Client.RetryBudget == 0 {
		s.Client.RetryBudget = 10
	}
	log := lambdacontext.NewLogger()
	secrets := client.SecretsManager(aws)
	remembered, redis, err := cache.Open(s.Cache, cache.Deps{Logger: log, Secrets: secrets, Now: time.Now})
	if err != nil {
		return err
	}
	metrics := telemetry.New(os.Stdout, s.Metrics, "search", time.Now)
	opensearch, err := client.New(s.Client, client.Deps{
		Logger: log, Metrics: metrics, Now: time.Now,
		Secrets: secrets, Credentials: aws.Credentials, Region: aws.Region, Signals: signals(redis),
	})
	if err != nil {
		return err
	}
	var queue Queue
	if s.QueueURL != "" {
		queue = newQueue(sqs.NewFromConfig(aws), s.QueueURL)
	}
	server := newServer(s.Config, set, opensearch, queue, log, time.Now)
	server.metrics = metrics
	server.remember(remembered.Of(s.Client.Cluster()))
	if err := server.openTables(client.SecretsManager(aws), time.Now); err != nil {
		return err
	}
	if s.ExportBucket != "" {
		server.jobs, server.tasks = newS3Jobs(aws, s.AWS.S3Endpoint, s.ExportBucket), sqsTasks{sqs.NewFromConfig(aws), s.ExportQueueURL}
	}
	handler := newHandler(server.newEngine(), log)
	handler.tasks = worker{server}
	lambda.StartWithOptions(handler, lambda.WithContext(ctx), lambda.WithEnableSIGTERM())
	return nil
}
