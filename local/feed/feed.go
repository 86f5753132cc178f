// Package feed is a producer: it sends the lines of a file, or lines as they come,
// to an SQS queue, each with the message attributes `collection` and `id`. An id is
// made of a line's place and content, so the same file again adds nothing, and two
// equal lines stay two. A line that no queue can carry is named by its number, and the
// others go on. `make feed` and `make run` call it.
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

	"golang.org/x/sync/errgroup"

	"github.com/sluice-dev/sluice/shared/fault"
)

// Line is one message to send.
type Line struct {
	ID     string
	Body   string
	Number int // in its file, from 1
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
func Lines(ctx context.Context, q *Queue, in io.Reader, place string) (sent Sent, err error) {
	lines := make(chan Line, portion)
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error {
		defer close(lines)
		return cut(ctx, in, place, lines)
	})
	work.Go(func() error {
		for some := range portions(lines) {
			if err := sent.add(some, q.Send(ctx, some)); err != nil {
				return err
			}
		}
		return nil
	})
	err = work.Wait()
	return sent, err
}

// add counts fates; the error is the first that another try may mend.
func (s *Sent) add(lines []Line, fates []error) error {
	for i, err := range fates {
		switch {
		case err == nil:
			s.Lines++
		case fault.KindOf(err) == fault.Invalid:
			s.Refused = append(s.Refused, fmt.Sprintf("line %d: %s", lines[i].Number, fault.Message(err)))
		default:
			return fmt.Errorf("line %d: %w", lines[i].Number, err)
		}
	}
	return nil
}

func cut(ctx context.Context, in io.Reader, place string, lines chan<- Line) error {
	r := bufio.NewReaderSize(in, 64<<10)
	for number, offset := 1, int64(0); ; number++ {
		text, err := r.ReadString('\n')
		if body := trimNewline(text); body != "" {
			select {
			case lines <- Line{id(place, offset, body), body, number}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		offset += int64(len(text))
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read line %d: %w", number, err)
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
