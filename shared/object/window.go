package object

import (
	"errors"
	"io"
)

// window is the part of a stream that is being looked at. It grows up to the limit.
type window struct {
	from  io.Reader
	limit int
	data  []byte
	start int
	at    int64 // place of data[start] in the stream
	err   error // what ended the stream
}

const firstWindow = 64 << 10

func (w *window) rest() []byte { return w.data[w.start:] }

// drop goes on behind the next n bytes.
func (w *window) drop(n int) {
	w.start += n
	w.at += int64(n)
}

// full says that one document may not be larger than what is seen.
func (w *window) full() bool { return len(w.rest()) > w.limit }

// fill reads more; false at the stream's end, which err tells.
func (w *window) fill() bool {
	if w.err != nil {
		return false
	}
	if w.start > 0 && cap(w.data)-len(w.data) < firstWindow/2 {
		w.data, w.start = w.data[:copy(w.data, w.rest())], 0
	}
	if cap(w.data)-len(w.data) < firstWindow/2 {
		w.data = append(make([]byte, 0, max(firstWindow, 2*cap(w.data))), w.data...)
	}
	for range 100 {
		n, err := w.from.Read(w.data[len(w.data):cap(w.data)])
		w.data, w.err = w.data[:len(w.data)+n], err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// see reads until n bytes are seen, or all there are.
func (w *window) see(n int) []byte {
	for len(w.rest()) < n && w.fill() {
	}
	return w.rest()
}

// ended is the error that ended the stream, nil at its regular end.
func (w *window) ended() error {
	if errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
}
