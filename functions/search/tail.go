package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/query"
)

// getTail waits for documents that are new to the caller, and gives the cursor that goes
// on behind them: each comes once, whenever and by whomever it was stored.
func (s *server) getTail(c *gin.Context) error {
	v, values, err := s.addressed(c)
	if err != nil {
		return err
	}
	tail, err := query.ReadTail(v.schema, values, s.now())
	if err != nil {
		return err
	}
	answer, err := s.tail(c.Request.Context(), v, tail)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "application/json", answer)
	return nil
}

func (s *server) tail(ctx context.Context, v view, tail query.Tail) ([]byte, error) {
	if err := s.fits(v, targets{}, tail.Request); err != nil { // of however many indices: it follows few shards
		return nil, err
	}
	f := follower{server: s, v: v, tail: tail, begins: tail.Place == nil, asked: map[shardKey]sight{}, size: tail.Size, settled: settledOf(v.Collection.Index)}
	if tail.Place != nil {
		var err error
		if f.place, err = readPlace(tail.Place); err != nil { // it was signed: another version's
			return nil, query.Mistakes{{Parameter: "cursor", Position: -1, Text: "is of another version of this service: begin again without it"}}
		}
	}
	n, err := f.await(ctx)
	if err != nil {
		return nil, err
	}
	return n.json(tail.Next(f.place.bytes()), f.lag(n)), nil
}

// lag is how long ago the newest of the events shown happened, in milliseconds.
func (f *follower) lag(n news) *int64 {
	var newest *int64
	for _, d := range n.documents {
		if d.time != nil && (newest == nil || *d.time > *newest) {
			newest = d.time
		}
	}
	if newest == nil {
		return nil
	}
	lag := max(f.now().UnixMilli()-*newest, 0)
	return &lag
}

func (n news) json(next string, lag *int64) []byte {
	var out bytes.Buffer
	out.WriteString(`{"documents":[`)
	for i, d := range n.documents {
		if i > 0 {
			out.WriteByte(',')
		}
		d.write(&out)
	}
	fmt.Fprintf(&out, `],"next":%q,"lag_ms":%s,"completeness":%s}`, next, jsonOf(lag), jsonOf(n.completeness))
	return out.Bytes()
}
