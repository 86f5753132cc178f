// Package feed is a producer: it sends the lines of a file, or lines as they come,
// to an SQS queue, each with the message attributes `collection` and `id`. An id is
// made of a line's place and content, so the same file again adds nothing, and two
// equal lines stay two. It refuses a line that SQS would refuse, by number, and goes
// on with the others. `make feed` and `make run` call it.
package feed

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// MaxLine is SQS's limit of a message, in bytes.
const MaxLine = 1 << 20

// Line is one message to send.
type Line struct {
	ID   string
	Body string
}

// Sent counts what became of a file's lines.
type Sent struct {
	Lines   int64    // sent
	Refused []string // one sentence a line that cannot be sent
}

// File sends each line of the file at path, which may be "-" for standard input.
func File(ctx context.Context, q *Queue, path string) (Sent, error) {
	in, place, err := open(path)
	if err != nil {
		return Sent{}, err
	}
	defer in.Close() //nolint:errcheck // opened for reading
	return Lines(ctx, q, in, place)
}

func open(path string) (io.ReadCloser, string, error) {
	if path == "-" {
		return io.NopCloser(os.Stdin), "stdin", nil
	}
	in, err := os.Open(path) //nolint:gosec // the file that the user named
	if err != nil {
		return nil, "", fmt.Errorf("cannot read what is to be fed: %w", err)
	}
	place, err := filepath.Abs(path)
	return in, place, err
}

// Lines sends each line of in; place tells equal lines of different files apart.
func Lines(ctx context.Context, q *Queue, in io.Reader, place string) (Sent, error) {
	lines := make(chan Line, 4*perBatch)
	var sent Sent
	var count atomic.Int64
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error {
		defer close(lines)
		var err error
		sent.Refused, err = cut(ctx, in, place, lines)
		return err
	})
	for range senders {
		work.Go(func() error {
			for batch := range batches(lines) {
				if err := q.Send(ctx, batch); err != nil {
					return err
				}
				count.Add(int64(len(batch)))
			}
			return nil
		})
	}
	err := work.Wait()
	sent.Lines = count.Load()
	return sent, err
}

func cut(ctx context.Context, in io.Reader, place string, lines chan<- Line) (refused []string, err error) {
	r := bufio.NewReaderSize(in, 64<<10)
	for number, offset := 1, int64(0); ; number++ {
		text, err := r.ReadString('\n')
		if body := trimNewline(text); body != "" {
			if why := refusal(body); why != "" {
				refused = append(refused, fmt.Sprintf("line %d: %s", number, why))
			} else {
				select {
				case lines <- Line{id(place, offset, body), body}:
				case <-ctx.Done():
					return refused, ctx.Err()
				}
			}
		}
		offset += int64(len(text))
		if errors.Is(err, io.EOF) {
			return refused, nil
		}
		if err != nil {
			return refused, fmt.Errorf("read line %d: %w", number, err)
		}
	}
}

func trimNewline(s string) string {
	for len(s) > 0 && (s[len(s)-1] == '\n' || s[len(s)-1] == '\r') {
		s = s[:len(s)-1]
	}
	return s
}

// id is 32 hex digits, the same for the same line at the same place.
func id(place string, offset int64, body string) string {
	h := sha256.New()
	h.Write([]byte(place + "\x00" + strconv.FormatInt(offset, 10) + "\x00" + body))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// refusal says why SQS would refuse body, "" if it would not.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func refusal(body string) string {
	if len(body) > MaxLine {
		return fmt.Sprintf("%d bytes are more than a queue takes (%d)", len(body), MaxLine)
	}
	for at, r := range body {
		switch {
		case r == '\t', r == '\n', r == '\r', r >= 0x20 && r <= 0xD7FF, r >= 0xE000 && r < 0xFFFD, r == 0xFFFD && validReplacement(body[at:]), r >= 0x10000:
		default:
			return fmt.Sprintf("byte %d is a character that a queue refuses (%U); remove it or send the line base64", at+1, r)
		}
	}
	return ""
}

// validReplacement tells a written U+FFFD from a byte that is not UTF-8.
func validReplacement(s string) bool { return len(s) >= 3 && s[:3] == "\uFFFD" }
