// Command rotate keeps the collections' indices, on a schedule: templates and aliases,
// the next period's index ahead of time, rollover, the settings of what is no longer
// written to, and deletes by retention. What is to be done is decided in
// shared/rotation; here it is done, collection by collection.
//
// It refuses to delete more than a stated number of indices in a run, and anything of a
// collection whose file has a mistake.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/cloud"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/config"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

type settings struct {
	Config
	AWS         cloud.Config
	Client      client.Config
	Collections collection.Config
	Metrics     telemetry.Config
}

// Validate reports every mistake of every part.
func (s settings) Validate() error {
	return errors.Join(s.Config.Validate(), s.Client.Validate())
}

func main() {
	if err := run(context.Background()); err != nil {
		slog.Error("rotate cannot start", "error", err)
		os.Exit(1)
	}
}

// run builds what an environment keeps, without touching the network, and serves. A
// mistake in a collection's file stops that collection, not the function.
func run(ctx context.Context) error {
	var s settings
	if err := config.Load(&s); err != nil {
		return err
	}
	set, mistakes := collection.LoadDir(s.Collections.Dir)
	aws := s.AWS.AWS()
	log, metrics := lambdacontext.NewLogger(), telemetry.New(os.Stdout, s.Metrics, "rotate", time.Now)
	opensearch, err := client.New(s.Client, client.Deps{
		Logger: log, Metrics: metrics, Now: time.Now,
		Secrets: client.SecretsManager(aws), Credentials: aws.Credentials, Region: aws.Region,
	})
	if err != nil {
		return err
	}
	stopping, stop := context.WithCancel(ctx)
	defer stop()
	h := &handler{cfg: s.Config, collections: set.All(), mistakes: mistakes, cluster: opensearch,
		stopping: stopping, now: time.Now, log: log, metrics: metrics}
	lambda.StartWithOptions(h, lambda.WithContext(ctx), lambda.WithEnableSIGTERM(stop))
	return nil
}
