package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Where a shard without a checkpoint is read from.
const (
	TrimHorizon = "TRIM_HORIZON" // the oldest record; the default
	Latest      = "LATEST"       // what arrives after Run was called
)

// Stream is a Kinesis event source mapping: one reader per shard, one batch in flight
// in each, parents before their children. The function's answer moves the checkpoint
// to the lowest sequence number that it reported, and all from there on is delivered again.
type Stream struct {
	Client   *kinesis.Client
	ARN      string
	Function Function
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

	began time.Time
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
	shards, err := s.list(ctx)
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
func (s *Stream) refresh(ctx context.Context, shards []types.Shard, readers map[string]*reader) []types.Shard {
	if !(&backoff{base: s.Poll, most: s.Poll}).sleep(ctx) {
		return shards
	}
	now, err := s.list(ctx)
	if err != nil {
		s.Log.Warn("list shards failed", "stream", s.ARN, "error", err)
		return shards
	}
	for _, shard := range now {
		if r := readers[*shard.ShardId]; r != nil && closed(shard) {
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
	return s.validate()
}

// validate refuses what AWS's CreateEventSourceMapping does.
func (s *Stream) validate() error {
	var mistakes []error
	if s.streamName() == "" {
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

func (s *Stream) streamName() string {
	_, name, _ := strings.Cut(arnPart(s.ARN, 5), "stream/")
	return name
}

func (s *Stream) list(ctx context.Context) ([]types.Shard, error) {
	name := s.streamName()
	in := &kinesis.ListShardsInput{StreamName: &name}
	var all []types.Shard
	for {
		out, err := s.Client.ListShards(ctx, in)
		if err != nil {
			return nil, err
		}
		all = append(all, out.Shards...)
		if out.NextToken == nil {
			return all, nil
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
}

// skipClosed leaves out what ended before Run, where only the latest is wanted.
func (s *Stream) skipClosed(shards []types.Shard) {
	for _, shard := range shards {
		if closed(shard) && s.Checkpoints.get(*shard.ShardId) == "" {
			s.Checkpoints.set(*shard.ShardId, shardEnd)
		}
	}
}

// startable are the shards not started and not at their end whose parents are at theirs or no longer exist.
func (s *Stream) startable(shards []types.Shard, readers map[string]*reader) []types.Shard {
	exists := map[string]bool{}
	for _, shard := range shards {
		exists[*shard.ShardId] = true
	}
	waiting := func(parent *string) bool {
		return parent != nil && exists[*parent] && s.Checkpoints.get(*parent) != shardEnd
	}
	var ready []types.Shard
	for _, shard := range shards {
		id := *shard.ShardId
		if readers[id] != nil || s.Checkpoints.get(id) == shardEnd || waiting(shard.ParentShardId) || waiting(shard.AdjacentParentShardId) {
			continue
		}
		ready = append(ready, shard)
	}
	return ready
}

func closed(shard types.Shard) bool {
	return shard.SequenceNumberRange != nil && shard.SequenceNumberRange.EndingSequenceNumber != nil
}
