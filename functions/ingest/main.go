// Command ingest writes the records of a queue or stream to OpenSearch: Lambda hands
// it a batch, it answers with the records that must come again, and only those. Each
// document's fate is decided in shared/bulk; what can never be stored goes to the
// dead-letter queue. It refuses to acknowledge a record whose documents are not all
// stored, stored before, or dead-lettered.
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

	"github.com/sluice-dev/sluice/shared/bulk"
	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/cloud"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/config"
	"github.com/sluice-dev/sluice/shared/mapping"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

type settings struct {
	Config
	Bulk        bulk.Config
	AWS         cloud.Config
	Client      client.Config
	Collections collection.Config
	Mapping     mapping.Config
	Metrics     telemetry.Config
}

// Validate reports every mistake of every part.
func (s settings) Validate() error {
	return errors.Join(s.Config.Validate(), s.Bulk.Validate(), s.Client.Validate())
}

func main() {
	if err := run(context.Background()); err != nil {
		slog.Error("ingest cannot start", "error", err)
		os.Exit(1)
	}
}

// run builds what an environment keeps, without touching the network, and serves.
func run(ctx context.Context) error {
	var s settings
	if err := config.Load(&s); err != nil {
		return err
	}
	set, err := collection.Open(s.Collections)
	if err != nil {
		return fmt.Errorf("collections: %w", err)
	}
	if set, err = set.WithRedactKey(s.Mapping.RedactKey); err != nil {
		return err
	}
	aws := s.AWS.AWS()
	log, metrics := lambdacontext.NewLogger(), telemetry.New(os.Stdout, s.Metrics, "ingest", time.Now)
	opensearch, err := client.New(s.Client, client.Deps{
		Logger: log, Metrics: metrics, Now: time.Now,
		Secrets: client.SecretsManager(aws), Credentials: aws.Credentials, Region: aws.Region,
	})
	if err != nil {
		return err
	}
	mail, store := sqs.NewFromConfig(aws), newStore(aws, s.AWS.S3Endpoint)
	queues := newAddresses(mail)
	stopping, stop := context.WithCancel(ctx)
	defer stop()
	h := &handler{
		collections: set, indices: opensearch, history: lookup{opensearch}, base: lookup{opensearch},
		writer:  bulk.NewWriter(s.Bulk, opensearch),
		letters: s.letters(mail, store), returns: returns{mail, queues}, visibility: newVisibility(s.Config, mail, queues), objects: store.client, most: s.Bulk.MaxBytes,
		reserve: s.DeadlineReserve, offsets: s.KafkaItemFailures, stopping: stopping, now: time.Now, log: log, metrics: metrics,
	}
	h.compile()
	var served lambda.Handler = h
	if s.Preview {
		served = &preview{h, opensearch, lookup{opensearch}}
	}
	lambda.StartWithOptions(served, lambda.WithContext(ctx), lambda.WithEnableSIGTERM(stop))
	return nil
}
