package main

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/sluice-dev/sluice/shared/batch"
)

// seconds reads a stream's time, as instant does.
func (s *scanner) seconds() (time.Time, error) {
	literal, err := s.plain()
	return instant(literal), err
}

// instant reads seconds with a fraction, to the millisecond; zero where it is none.
func instant(literal []byte) time.Time {
	x, err := strconv.ParseFloat(string(literal), 64)
	if err != nil || x <= 0 || x > math.MaxInt32*1e3 {
		return time.Time{}
	}
	return time.UnixMilli(int64(math.Round(x * 1000))).UTC()
}

// streamAnswer: a stream goes back to its lowest failed record.
func streamAnswer(string) (batch.Answer, bool) { return batch.Ordered, false }

// postponeAnswer holds the answer back until the retry delay has passed since the batch
// came: Lambda hands a stream's failed batch over again as soon as it is answered.
func postponeAnswer(ctx context.Context, d *delivery, _ []*record) {
	if left := d.visibility.first - d.now().Sub(d.began); left > 0 {
		pause(ctx, left)
	}
}
