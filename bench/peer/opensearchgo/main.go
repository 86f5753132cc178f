// Command opensearchgo is a handler on opensearch-go's BulkIndexer, as its documentation
// writes one: an indexer an invocation, defaults but for the refusal of failures.
package main

import (
	"context"
	"log"
	"strings"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/opensearch-project/opensearch-go/v2"
	"github.com/opensearch-project/opensearch-go/v2/opensearchutil"

	"github.com/sluice-dev/sluice/bench/peer/typed"
)

func main() {
	client, err := opensearch.NewClient(opensearch.Config{Addresses: []string{typed.URL()}, CompressRequestBody: typed.Gzip()})
	if err != nil {
		log.Fatal(err)
	}
	typed.Start(func(ctx context.Context, messages []events.SQSMessage, failed typed.Failed) error {
		indexer, err := opensearchutil.NewBulkIndexer(opensearchutil.BulkIndexerConfig{Client: client, Index: typed.Index})
		if err != nil {
			return err
		}
		var one sync.Mutex
		for _, m := range messages {
			err := indexer.Add(ctx, opensearchutil.BulkIndexerItem{
				Action: "create", DocumentID: m.MessageId, Body: strings.NewReader(m.Body),
				OnFailure: func(_ context.Context, item opensearchutil.BulkIndexerItem, _ opensearchutil.BulkIndexerResponseItem, _ error) {
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
