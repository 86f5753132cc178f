package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/sluice-dev/sluice/shared/fault"
)

// whole reads each reply to its end and closes it. opensearch-go swallows a read error,
// so the reply is handed over beside it, and a broken one is an error.
type whole struct {
	next  http.RoundTripper
	limit int64
}

// firstBuffer is the most that is made ready on a server's word alone.
const firstBuffer = 8 << 20

// keptBuffer is the largest that is kept for the next reply.
const keptBuffer = 1 << 20

var (
	errCut     = errors.New("the reply was cut short")
	errNotJSON = errors.New("the reply is not JSON")
	errNotHTTP = errors.New("the reply is not HTTP")
)

func (w whole) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchangeOf(req)
	x.reply = Reply{}
	res, err := w.next.RoundTrip(req)
	if err != nil {
		if strings.Contains(err.Error(), "malformed") { // net/http quotes what it read
			err = errNotHTTP
		}
		return nil, fmt.Errorf("send: %w", err) // never a bare io.EOF, on which opensearch-go would send again
	}
	defer res.Body.Close()
	body, err := readAll(res, w.limit+1)
	x.received += len(body)
	res.Body = http.NoBody
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCut, err)
	}
	if int64(len(body)) > w.limit {
		return nil, fault.New(fault.TooLarge, "OpenSearch's reply is over OPENSEARCH_MAX_REPLY_BYTES: ask for less")
	}
	reply := Reply{Status: res.StatusCode, Body: body, Header: res.Header}
	if x.Method != http.MethodHead {
		if err := checkJSON(reply, framed(res)); err != nil {
			return nil, err
		}
	}
	x.reply = reply
	return res, nil
}

// scratch are buffers for replies that do not say how long they are, as compressed ones do not.
var scratch = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readAll reads at most limit bytes of the reply.
func readAll(res *http.Response, limit int64) ([]byte, error) {
	from := io.LimitReader(res.Body, limit)
	if n := min(res.ContentLength, limit); n > 0 {
		var body bytes.Buffer
		body.Grow(int(min(n, firstBuffer)) + bytes.MinRead)
		_, err := body.ReadFrom(from)
		return body.Bytes(), err
	}
	body := scratch.Get().(*bytes.Buffer)
	_, err := body.ReadFrom(from)
	if body.Cap() > keptBuffer {
		return body.Bytes(), err
	}
	defer scratch.Put(body)
	defer body.Reset()
	return bytes.Clone(body.Bytes()), err
}

// framed says whether HTTP itself proves that the reply is complete.
func framed(res *http.Response) bool {
	return res.ContentLength >= 0 || len(res.TransferEncoding) > 0 || res.Uncompressed
}

// checkJSON wants JSON of a success: a proxy's page with status 200 is none, nor is nothing.
func checkJSON(r Reply, framed bool) error {
	if r.Status >= 300 {
		return nil
	}
	if !framed && !json.Valid(r.Body) {
		return errCut
	}
	if !looksJSON(r.Body) {
		return errNotJSON
	}
	return nil
}

func looksJSON(body []byte) bool {
	for _, c := range body {
		switch c {
		case ' ', '\t', '\r', '\n':
		default:
			return c == '{' || c == '['
		}
	}
	return false
}
