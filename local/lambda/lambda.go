// Package lambda is what stands between AWS's services and a function, on one machine
// and with AWS's contract: the event source mappings of SQS (Queue), of Kinesis and
// DynamoDB Streams (Stream), of Kafka (Topic) and RabbitMQ (Broker), the Scheduler
// (Schedule) and the HTTP API (Front). What they read from are real servers, the functions
// compiled bootstraps (shared/lambdatest).
//
// It refuses to be kinder than AWS: an answer that AWS would not understand fails the
// whole batch, a null list is full success, an unset ReportBatchItemFailures ignores
// the answer. All end with their context and let a running invocation finish, bounded
// by Drain.
//
// make run and the e2e tests call it.
package lambda

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// Function is what an event goes to: a *lambdatest.Function.
type Function interface {
	Invoke(ctx context.Context, payload []byte) (lambdatest.Result, error)
}

// Delivery is one batch's invocation and what the mapping made of the answer.
type Delivery struct {
	Event  []byte
	Result lambdatest.Result
	Failed []string // item identifiers that will be delivered again; all of them when Err is set
	Err    error    // why the batch failed as a whole
}

// errFunction is a failure of the function, as opposed to one of reaching it.
var errFunction = errors.New("function error")

// defaultDrain bounds what is running when the context ends.
const defaultDrain = 30 * time.Second

// invoke waits out throttling, for at most patience. An error means that the batch
// failed as a whole.
func invoke(ctx context.Context, f Function, event []byte, patience time.Duration) (lambdatest.Result, error) {
	wait := backoff{base: 20 * time.Millisecond, most: time.Second}
	for end := time.Now().Add(patience); ; {
		result, err := f.Invoke(ctx, event)
		if errors.Is(err, lambdatest.ErrThrottled) && time.Now().Before(end) && wait.sleep(ctx) {
			continue
		}
		if err == nil && result.FunctionError != "" {
			err = fmt.Errorf("%w: %s", errFunction, head(result.Payload))
		}
		return result, err
	}
}

// lasting is ctx without its end, until grace after it.
func lasting(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	long, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(grace):
			cancel()
		case <-long.Done():
		}
	})
	return long, func() {
		stop()
		cancel()
	}
}

// backoff doubles from base to most.
type backoff struct{ base, most, next time.Duration }

// sleep is false if ctx ended first.
func (b *backoff) sleep(ctx context.Context) bool {
	b.next = min(max(b.next, b.base), b.most)
	timer := time.NewTimer(b.next)
	defer timer.Stop()
	b.next *= 2
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func head(b []byte) []byte { return b[:min(len(b), 500)] }

func logger(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l
}
