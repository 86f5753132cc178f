// Package typed is what handlers on aws-lambda-go usually begin and end with: the event
// decoded into events.SQSEvent, the answer encoded from events.SQSEventResponse. It
// refuses nothing. The peers' mains call it, so that they differ in their indexer alone.
package typed

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Index is where every document goes.
const Index = "logs-2015-05-17.write"

// Failed collects the messages that were not stored.
type Failed func(messageID string)

// Start serves with index, which returns when every message is stored or failed.
func Start(index func(ctx context.Context, messages []events.SQSMessage, failed Failed) error) {
	lambda.Start(func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
		err := index(ctx, e.Records, func(id string) {
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
		})
		return response, err
	})
}

// URL is OpenSearch's.
func URL() string { return os.Getenv("OPENSEARCH_URL") }

// Gzip says whether requests are to be compressed.
func Gzip() bool { return os.Getenv("BENCH_GZIP") != "" }
