// Package object cuts an object of any size, while it is read, into documents: lines,
// JSON values, or rows of CSV, packed or not. Each has its place in the unpacked stream,
// which stays the same however often the object is read, so that reading may go on where
// it stopped. It holds no more of the object in memory than one document may be large,
// and refuses what is no text (Parquet, Avro, archives) instead of making documents of
// it. It also reads the notifications that tell of objects. Called by ingest.
package object

import (
	"errors"
	"fmt"
	"io"
)

// Piece is one document of an object, or what cannot be one.
type Piece struct {
	Offset int64  // where it begins in the unpacked stream
	End    int64  // where it ends
	Text   []byte // valid until the next one is read
	Flaw   *Flaw  // why it is no document; Text is as much of it as there is
}

// Flaw says why an object, or a piece of it, holds no documents.
type Flaw struct {
	Type string
	Text string
}

func (f *Flaw) Error() string { return f.Text }

// Cutter reads one object.
type Cutter struct {
	window
	next   func() (Piece, error)
	unpack *unpacker
	source *source
}

// Open begins to read an object, and finds out how it is written. The error is a *Flaw
// where the object itself is at fault, else the source's own.
func Open(from io.ReadSeeker, hint Hint, limit int) (*Cutter, error) {
	c := &Cutter{source: &source{from: from}}
	var stream io.Reader
	var err error
	if c.unpack, stream, err = unpack(c.source); err == nil {
		c.window = window{from: stream, limit: limit}
		err = c.detect(hint)
	}
	if err != nil {
		c.Close()
		return nil, c.blame(err)
	}
	return c, nil
}

// Next is the next piece; io.EOF after the last. Another error is a *Flaw where the
// object is at fault, else the source's own.
func (c *Cutter) Next() (Piece, error) {
	p, err := c.next()
	if err != nil && !errors.Is(err, io.EOF) {
		err = c.blame(err)
	}
	return p, err
}

// Offset is a place from which reading may go on: behind the last piece.
func (c *Cutter) Offset() int64 { return c.at }

// SkipTo goes on at a place that Offset, or a piece, has told of the same object.
func (c *Cutter) SkipTo(offset int64) error {
	if offset <= c.at {
		return nil
	}
	if !c.unpack.packed() {
		if _, err := c.source.from.Seek(offset, io.SeekStart); err != nil {
			return err
		}
		c.window = window{from: c.source, limit: c.limit, at: offset}
		return nil
	}
	for c.at < offset {
		if len(c.rest()) == 0 && !c.fill() {
			return c.blame(c.err)
		}
		c.drop(int(min(offset-c.at, int64(len(c.rest())))))
	}
	return nil
}

// Close gives back what unpacking took. It does not close the source.
func (c *Cutter) Close() { c.unpack.close() }

// blame tells an error of the source from one of what it holds.
func (c *Cutter) blame(err error) error {
	if c.source.err != nil {
		return c.source.err
	}
	if flaw, ok := errors.AsType[*Flaw](err); ok {
		return flaw
	}
	return &Flaw{"object_unreadable", fmt.Sprintf("%s: %v", c.unpack.name(), err)}
}

// source remembers its own failure: what unpacks it may hide it.
type source struct {
	from io.ReadSeeker
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
