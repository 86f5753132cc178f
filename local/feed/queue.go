package feed

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dev/sluice/shared/producer"
)

// Queue is where lines are sent: an SQS queue's ingest takes them into Collection.
type Queue struct {
	producer   *producer.Producer
	collection string
}

// NewQueue sends to the queue at url; what is not taken is tried for about half a minute.
func NewQueue(client *sqs.Client, url, collection string) *Queue {
	return &Queue{producer.NewQueue(client, url, producer.Config{Tries: 10}), collection}
}

// Send sends lines, and tells the fate of each at its place.
func (q *Queue) Send(ctx context.Context, lines []Line) []error {
	messages := make([]producer.Message, len(lines))
	for i, l := range lines {
		messages[i] = producer.Message{Body: []byte(l.Body), Collection: q.collection, ID: l.ID}
	}
	return q.producer.Send(ctx, messages)
}

// portion is how many lines are sent at once.
const portion = 400

// portions cuts lines as they come.
func portions(lines <-chan Line) iter.Seq[[]Line] {
	return func(yield func([]Line) bool) {
		var some []Line
		for l := range lines {
			if some = append(some, l); len(some) == portion {
				if !yield(some) {
					return
				}
				some = nil
			}
		}
		if len(some) > 0 {
			yield(some)
		}
	}
}
