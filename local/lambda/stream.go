package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Where a shard without a checkpoint is read from.
const (
	TrimHorizon = "TRIM_HORIZON" // the oldest record; the default
	Latest      = "LATEST"       // what arrives after Run was called
)

// Stream is the event source mapping of a Kinesis stream or of a DynamoDB table's: one reader per shard, one batch in flight
// in each, parents before their children. The function's answer moves the checkpoint
// to the lowest sequence number that it reported, and all from there on is delivered again.
type Stream struct {
	Client   *kinesis.Client         // of a Kinesis stream
	Tables   *dynamodbstreams.Client // of a table's stream
	ARN      string
	Function Function
	// Epoch is put before a table's sequence numbers, for a server that counts anew
	// whenever it starts. Default none.
	Epoch string
	// StartingPosition: TrimHorizon (default) or Latest.
	StartingPosition string
	// BatchSize: records at most. Default 100, up to 10,000.
	BatchSize int
	// Window: how long to gather a batch from its first record on. Zero: what one read brings.
	Window time.Duration
	// MaximumRetryAttempts after the first, then the batch is discarded. As on AWS -1
	// means until the records expire, and 0 means none.
	MaximumRetryAttempts int
	// MaximumRecordAge: older records are discarded. Zero: never.
	MaximumRecordAge time.Duration
	// BisectBatchOnFunctionError halves a failed batch; that costs no attempt.
	BisectBatchOnFunctionError bool
	// ReportBatchItemFailures: without it the answer is ignored and only an error fails a batch.
	ReportBatchItemFailures bool
	// OnFailure is told of what is discarded; may be nil.
	OnFailure *Destination
	// Checkpoints to go on from, and to move. Default: empty ones.
	Checkpoints *Checkpoints
	Poll        time.Duration  // between reads that brought nothing; default 250 ms
	Backoff     time.Duration  // before the first retry, doubling; default 100 ms
	MaxBackoff  time.Duration  // default 5 s
	Drain       time.Duration  // bounds what runs when the context ends; default 30 s
	Observe     func(Delivery) // called after each batch, concurrently; may be nil
	Log         *slog.Logger   // default: none

	began  time.Time
	source source
}

// source is what the two kinds of stream do each in their way.
type source interface {
	list(context.Context) ([]shard, error)
	// seek makes an iterator after a sequence number, else at the starting position.
	seek(ctx context.Context, shard, after, start string, began time.Time) (iterator *string, err error)
	// read returns the next records, and next, which is nil at the shard's end.
	read(ctx context.Context, shard string, iterator *string, limit int) (reading, error)
	// note tells of a discarded batch under the name that the kind of stream has for it.
	note(batch *batchInfo, in *discarded)
}

// shard is one of a stream's.
type shard struct {
	id      string
	parents []string
	closed  bool // no record will be added
}

// item is a record of a stream.
type item struct {
	sequence string
	arrived  time.Time
	event    []byte // as Lambda hands it over
}

// reading is what one read brought.
type reading struct {
	items   []item
	next    *string
	tip     bool // there are no more at the moment
	expired bool // the iterator is too old
}

// Destination is the SQS queue that gets a discarded batch's metadata, not its records.
type Destination struct {
	Client      *sqs.Client
	URL         string
	FunctionARN string
}

// Run reads until ctx ends and returns nil then; an error is a mistake in s or a missing stream.
func (s Stream) Run(ctx context.Context) error {
	if err := s.prepare(); err != nil {
		return fmt.Errorf("event source mapping of %s: %w", s.ARN, err)
	}
	shards, err := s.source.list(ctx)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("event source mapping of %s: %w", s.ARN, err)
	}
	if s.StartingPosition == Latest {
		s.skipClosed(shards)
	}
	var running sync.WaitGroup
	readers := map[string]*reader{}
	for ctx.Err() == nil {
		for _, shard := range s.startable(shards, readers) {
			r := s.reader(shard)
			readers[r.shard] = r
			running.Go(func() { r.run(ctx) })
		}
		shards = s.refresh(ctx, shards, readers)
	}
	running.Wait()
	return nil
}

// refresh waits a while, lists the shards anew and tells readers of those that closed.
func (s *Stream) refresh(ctx context.Context, shards []shard, readers map[string]*reader) []shard {
	if !(&backoff{base: s.Poll, most: s.Poll}).sleep(ctx) {
		return shards
	}
	now, err := s.source.list(ctx)
	if err != nil {
		s.Log.Warn("list shards failed", "stream", s.ARN, "error", err)
		return shards
	}
	for _, shard := range now {
		if r := readers[shard.id]; r != nil && shard.closed {
			r.closed.Store(true)
		}
	}
	return now
}

func (s *Stream) prepare() error {
	s.began = time.Now()
	s.StartingPosition = cmp.Or(s.StartingPosition, TrimHorizon)
	s.BatchSize = cmp.Or(s.BatchSize, 100)
	s.Poll = cmp.Or(s.Poll, 250*time.Millisecond)
	s.Backoff = cmp.Or(s.Backoff, 100*time.Millisecond)
	s.MaxBackoff = cmp.Or(s.MaxBackoff, 5*time.Second)
	s.Drain = cmp.Or(s.Drain, defaultDrain)
	s.Log = logger(s.Log)
	if s.Checkpoints == nil {
		s.Checkpoints = &Checkpoints{}
	}
	s.source = s.sourceOf(arnPart(s.ARN, 5))
	return s.validate()
}

func (s *Stream) sourceOf(resource string) source {
	if name, ok := strings.CutPrefix(resource, "stream/"); ok && name != "" {
		return kinesisSource{s.Client, s.ARN, name}
	}
	if strings.HasPrefix(resource, "table/") && strings.Contains(resource, "/stream/") {
		return tableSource{s.Tables, s.ARN, s.Epoch}
	}
	return nil
}

// validate refuses what AWS's CreateEventSourceMapping does.
func (s *Stream) validate() error {
	var mistakes []error
	if s.source == nil {
		mistakes = append(mistakes, errors.New("not the ARN of a stream"))
	}
	if s.StartingPosition != TrimHorizon && s.StartingPosition != Latest {
		mistakes = append(mistakes, fmt.Errorf("starting position %q is not TRIM_HORIZON or LATEST", s.StartingPosition))
	}
	if s.BatchSize < 1 || s.BatchSize > 10_000 {
		mistakes = append(mistakes, fmt.Errorf("batch size %d is not between 1 and 10000", s.BatchSize))
	}
	if s.Window < 0 || s.Window > 300*time.Second {
		mistakes = append(mistakes, fmt.Errorf("batching window %v is not between 0 and 300 s", s.Window))
	}
	if s.MaximumRetryAttempts < -1 || s.MaximumRetryAttempts > 10_000 {
		mistakes = append(mistakes, fmt.Errorf("maximum retry attempts %d is not between -1 and 10000", s.MaximumRetryAttempts))
	}
	return errors.Join(mistakes...)
}

// skipClosed leaves out what ended before Run, where only the latest is wanted.
func (s *Stream) skipClosed(shards []shard) {
	for _, shard := range shards {
		if shard.closed && s.Checkpoints.get(shard.id) == "" {
			s.Checkpoints.set(shard.id, shardEnd)
		}
	}
}

// startable are the shards not started and not at their end whose parents are at theirs or no longer exist.
func (s *Stream) startable(shards []shard, readers map[string]*reader) []shard {
	exists := map[string]bool{}
	for _, shard := range shards {
		exists[shard.id] = true
	}
	waiting := func(parent string) bool {
		return exists[parent] && s.Checkpoints.get(parent) != shardEnd
	}
	var ready []shard
	for _, shard := range shards {
		if readers[shard.id] != nil || s.Checkpoints.get(shard.id) == shardEnd || slices.ContainsFunc(shard.parents, waiting) {
			continue
		}
		ready = append(ready, shard)
	}
	return ready
}
