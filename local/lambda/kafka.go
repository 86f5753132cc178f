package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Topic is a Kafka event source mapping, of MSK or of a cluster of one's own: one consumer of
// its group, one batch in flight, which may hold records of several partitions. A batch that
// fails is delivered again until it succeeds, and its offsets are committed only then, so that
// a mapping that starts anew goes on from there.
type Topic struct {
	Bootstrap []string
	Name      string // of the topic
	Group     string // consumer group, which keeps the offsets
	ARN       string // of the MSK cluster; empty: a cluster of one's own
	Function  Function
	// StartingPosition: TrimHorizon (default) or Latest, of a group without offsets.
	StartingPosition string
	// BatchSize: records at most. Default 100, up to 10,000.
	BatchSize int
	// Window: how long to gather a batch from its first record on. Default 500 ms.
	Window time.Duration
	// ReportBatchItemFailures, on AWS in provisioned mode only: each partition that is reported
	// goes on from the offset reported, the others are done. Without it only an error fails
	// a batch, and all of it comes again.
	ReportBatchItemFailures bool
	Backoff                 time.Duration  // before the first retry, doubling; default 100 ms
	MaxBackoff              time.Duration  // default 5 s
	Drain                   time.Duration  // bounds what runs when the context ends; default 30 s
	Observe                 func(Delivery) // called after each batch; may be nil
	Log                     *slog.Logger   // default: none
}

// Run consumes until ctx ends and returns nil then; an error is a mistake in t.
func (t Topic) Run(ctx context.Context) error {
	if err := t.prepare(); err != nil {
		return fmt.Errorf("event source mapping of the topic %s: %w", t.Name, err)
	}
	start := kgo.NewOffset().AtStart()
	if t.StartingPosition == Latest {
		start = kgo.NewOffset().AtEnd()
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(t.Bootstrap...), kgo.ConsumerGroup(t.Group), kgo.ConsumeTopics(t.Name),
		kgo.ConsumeResetOffset(start), kgo.DisableAutoCommit(), kgo.FetchMaxWait(500*time.Millisecond),
	)
	if err != nil {
		return fmt.Errorf("event source mapping of the topic %s: %w", t.Name, err)
	}
	defer client.Close()
	c := &consumer{Topic: &t, client: client}
	c.run(ctx)
	return nil
}

func (t *Topic) prepare() error {
	t.StartingPosition = cmp.Or(t.StartingPosition, TrimHorizon)
	t.BatchSize = cmp.Or(t.BatchSize, 100)
	t.Window = cmp.Or(t.Window, 500*time.Millisecond)
	t.Backoff = cmp.Or(t.Backoff, 100*time.Millisecond)
	t.MaxBackoff = cmp.Or(t.MaxBackoff, 5*time.Second)
	t.Drain = cmp.Or(t.Drain, defaultDrain)
	t.Log = logger(t.Log)
	var mistakes []error
	for _, m := range []struct {
		wrong bool
		text  string
	}{
		{len(t.Bootstrap) == 0, "no bootstrap servers"},
		{t.Name == "", "no topic"},
		{t.Group == "", "no consumer group"},
		{t.ARN != "" && !strings.Contains(t.ARN, ":kafka:"), "not the ARN of a cluster"},
		{t.StartingPosition != TrimHorizon && t.StartingPosition != Latest, "starting position is not TRIM_HORIZON or LATEST"},
		{t.BatchSize < 1 || t.BatchSize > 10_000, "batch size is not between 1 and 10000"},
		{t.Window < 0 || t.Window > 300*time.Second, "batching window is not between 0 and 300 s"},
	} {
		if m.wrong {
			mistakes = append(mistakes, errors.New(m.text))
		}
	}
	return errors.Join(mistakes...)
}
