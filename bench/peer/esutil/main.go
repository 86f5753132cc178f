// Command esutil is a handler on go-elasticsearch's BulkIndexer, as its documentation
// writes one: an indexer an invocation, defaults but for the refusal of failures.
package main

import (
	"context"
	"log"
	"strings"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esutil"

	"github.com/sluice-dev/sluice/bench/peer/typed"
)

func main() {
	client, err := elasticsearch.NewClient(elasticsearch.Config{Addresses: []string{typed.URL()}, CompressRequestBody: typed.Gzip()})
	if err != nil {
		log.Fatal(err)
	}
	typed.Start(func(ctx context.Context, messages []events.SQSMessage, failed typed.Failed) error {
		indexer, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{Client: client, Index: typed.Index})
		if err != nil {
			return err
		}
		var one sync.Mutex
		for _, m := range messages {
			err := indexer.Add(ctx, esutil.BulkIndexerItem{
				Action: "create", DocumentID: m.MessageId, Body: strings.NewReader(m.Body),
				OnFailure: func(_ context.Context, item esutil.BulkIndexerItem, _ esutil.BulkIndexerResponseItem, _ error) {
					one.Lock()
					defer one.Unlock()
					failed(item.DocumentID)
				},
			})
			if err != nil {
				return err
			}
		}
		return indexer.Close(ctx)
	})
}
