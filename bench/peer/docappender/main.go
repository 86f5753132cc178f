// Command docappender is a handler on Elastic's go-docappender: an appender an invocation,
// closed to flush it. It gives no ids (a message delivered twice is stored twice), and
// does not say which documents failed.
package main

import (
	"context"
	"log"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/elastic/go-docappender/v2"
	"github.com/elastic/go-elasticsearch/v8"

	"github.com/sluice-dev/sluice/bench/peer/typed"
)

func main() {
	client, err := elasticsearch.NewClient(elasticsearch.Config{Addresses: []string{typed.URL()}})
	if err != nil {
		log.Fatal(err)
	}
	var config docappender.Config
	if typed.Gzip() {
		config.CompressionLevel = 1
	}
	typed.Start(func(ctx context.Context, messages []events.SQSMessage, _ typed.Failed) error {
		appender, err := docappender.New(client, config)
		if err != nil {
			return err
		}
		for _, m := range messages {
			if err := appender.Add(ctx, typed.Index, strings.NewReader(m.Body)); err != nil {
				return err
			}
		}
		return appender.Close(ctx)
	})
}
