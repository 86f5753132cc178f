package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// throughput is documents a second at saturation against the real OpenSearch: raw bulk
// bodies, made ready before the clock starts, by a bare HTTP client; then our function,
// from SQS events, with the same documents, bulk size and concurrency.
func (b *bench) throughput(ctx context.Context, _ *sink) error {
	if err := b.curve(ctx); err != nil {
		return err
	}
	b.levels()
	return b.compare(ctx)
}

const (
	senders = 4 // at once: a bulk thread for each core, and as many waiting
	share   = 24_000
)

// alias is written to by everyone, so that all write what ours writes: with ids, and
// refused if the alias is missing. Made once, by our function.
const alias = "logs-2015-05-17.write"

// curve is how documents a second depend on the documents in a request.
func (b *bench) curve(ctx context.Context) error {
	if err := b.makeIndex(ctx); err != nil {
		return err
	}
	sizes := []int{50, 100, 250, 500, 1000, 2500, 5000}
	rates, work := make([]sample, len(sizes)), make([]sample, len(sizes))
	for n := range b.repetitions {
		for i, size := range sizes {
			rate, cpu, err := b.raw(ctx, uint64(100*n+i), size, share/2)
			if err != nil {
				return err
			}
			rates[i], work[i] = append(rates[i], rate), append(work[i], cpu)
		}
	}
	head(fmt.Sprintf("Documents in a bulk request, %d B each, %d requests at once, raw bodies", 353, senders),
		"documents", "KB", "documents/s, min / **median** / max", "CPU of OpenSearch and client, µs/document, min / **median** / max")
	for i, size := range sizes {
		row(strconv.Itoa(size), fmt.Sprintf("%.0f", float64(size)*0.46), rates[i].spread("%.0f"), work[i].spread("%.1f"))
	}
	return nil
}

// levels is what gzip costs and saves of a bulk body of a thousand documents.
func (b *bench) levels() {
	body := bulkBody(documents(b.lines, 1000, 353), rand.New(rand.NewPCG(9, 9)))
	head(fmt.Sprintf("gzip of a bulk body of %d B (1000 documents)", len(body)), "level", "µs/document, min / **median** / max", "size, % of plain")
	for _, level := range []int{1, 2, 3, 5, 6, 9} {
		var out bytes.Buffer
		var took sample
		w, _ := gzip.NewWriterLevel(&out, level) // they exist
		for range b.repetitions * 4 {
			out.Reset()
			w.Reset(&out)
			began, _ := cpu(0)
			_, _ = w.Write(body)
			_ = w.Close()
			ended, _ := cpu(0)
			took = append(took, float64((ended-began).Nanoseconds())/1000/1000)
		}
		row(strconv.Itoa(level), took.spread("%.2f"), fmt.Sprintf("%.1f", 100*float64(out.Len())/float64(len(body))))
	}
}

func (b *bench) compare(ctx context.Context) error {
	type contest struct{ ours, raw, share, ourWork, rawWork sample }
	sizes := []int{353, 1024, 4096}
	head(fmt.Sprintf("From SQS events into OpenSearch, 1000 documents a batch, %d at once", senders), "document", "raw bulk bodies, documents/s", "Sluice, documents/s", "share", "share by CPU of all processes")
	for _, size := range sizes {
		var c contest
		n := share * 353 / max(size, 706) / 1000 * 1000
		for i := range b.repetitions {
			raw, work, err := b.rawSized(ctx, uint64(10_000+100*i+size), 1000, n, size)
			if err != nil {
				return err
			}
			ours, ourWork, err := b.events(ctx, uint64(20_000+100*i+size), n, size)
			if err != nil {
				return err
			}
			c.raw, c.ours, c.share = append(c.raw, raw), append(c.ours, ours), append(c.share, ours/raw)
			c.rawWork, c.ourWork = append(c.rawWork, work), append(c.ourWork, ourWork)
		}
		row(fmt.Sprintf("%d B", size), c.raw.spread("%.0f"), c.ours.spread("%.0f"), c.share.spread("%.2f"),
			fmt.Sprintf("%.2f (%.1f to %.1f µs/document)", c.rawWork.median()/c.ourWork.median(), c.rawWork.median(), c.ourWork.median()))
	}
	return nil
}

// makeIndex has our function make the index and the alias of the day.
func (b *bench) makeIndex(ctx context.Context) error {
	_, _, err := b.events(ctx, 1, 1000, 353)
	return err
}

func (b *bench) raw(ctx context.Context, seed uint64, batch, n int) (rate, work float64, err error) {
	return b.rawSized(ctx, seed, batch, n, 353)
}

func (b *bench) rawSized(ctx context.Context, seed uint64, batch, n, size int) (rate, work float64, err error) {
	random := rand.New(rand.NewPCG(seed, 5))
	var bodies [][]byte
	for range max(n/batch, 1) {
		bodies = append(bodies, bulkBody(documents(b.dayLines(), batch, size), random))
	}
	return b.saturate(ctx, bodies, batch, func(ctx context.Context, body []byte) error {
		return post(ctx, b.opensearch.URL+"/_bulk", body)
	})
}

func (b *bench) events(ctx context.Context, seed uint64, n, size int) (rate, work float64, err error) {
	const batch = 1000
	random := rand.New(rand.NewPCG(seed, 6))
	var payloads [][]byte
	for range max(n/batch, 1) {
		payloads = append(payloads, event(documents(b.dayLines(), batch, size), random))
	}
	fn, err := find(ours).start(ctx, b.opensearch.URL, senders, nil)
	if err != nil {
		return 0, 0, err
	}
	defer fn.Close()
	warm := event(documents(b.dayLines(), 1, size), random)
	var all sync.WaitGroup
	for range senders { // an environment each, started before the clock
		all.Go(func() { _, _ = invoke(ctx, fn, warm) })
	}
	all.Wait()
	return b.saturate(ctx, payloads, batch, func(ctx context.Context, payload []byte) error {
		_, err := invoke(ctx, fn, payload)
		return err
	}, fn.PIDs()...)
}

// dayLines are the lines of the index's day.
func (b *bench) dayLines() []string {
	if b.day == nil {
		for _, l := range b.lines {
			if bytes.Contains([]byte(l), []byte("[17/May/2015:")) {
				b.day = append(b.day, l)
			}
		}
		if b.day == nil {
			b.day = lookAlikes(5000, rand.New(rand.NewPCG(1, 2)))
		}
	}
	return b.day
}

// saturate sends all, some at once: documents a second, and the CPU that OpenSearch, this
// process and the given ones used, µs a document.
func (b *bench) saturate(ctx context.Context, all [][]byte, batch int, send func(context.Context, []byte) error, pids ...int) (rate, work float64, err error) {
	pids = append(pids, 0, b.opensearch.Pid())
	before := total(pids)
	began := time.Now()
	queue := make(chan []byte, len(all))
	for _, one := range all {
		queue <- one
	}
	close(queue)
	errs := make(chan error, senders)
	for range senders {
		go func() {
			for one := range queue {
				if err := send(ctx, one); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range senders {
		if e := <-errs; e != nil {
			err = e
		}
	}
	n := float64(len(all) * batch)
	return n / time.Since(began).Seconds(), float64((total(pids) - before).Microseconds()) / n, err
}

func total(pids []int) (sum time.Duration) {
	for _, pid := range pids {
		used, _ := cpu(pid) // it lives
		sum += used
	}
	return sum
}

func bulkBody(documents [][]byte, random *rand.Rand) (body []byte) {
	for _, d := range documents {
		body = fmt.Appendf(body, `{"create":{"_index":%q,"_id":%q,"require_alias":true}}`+"\n", alias, uuid(random))
		body = append(append(body, d...), '\n')
	}
	return body
}

func post(ctx context.Context, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	reply, err := client.Do(req)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err == nil && !bytes.Contains(text[:min(len(text), 64)], []byte(`"errors":false`)) {
		_, why, _ := bytes.Cut(text, []byte(`"error":`))
		err = fmt.Errorf("not all was stored: %.300s", why)
	}
	return err
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}}
