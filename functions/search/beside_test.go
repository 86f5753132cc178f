package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/cache"
	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/query"
	"github.com/sluice-dev/sluice/shared/telemetry"
)

var beside = flag.String("beside", "", "URL of an OpenSearch that holds documents of logs: with it BenchmarkBesideTheQuery compares")

// BenchmarkBesideTheQuery compares the handler, from an event to its answer, with the query
// that it sends, sent by the same process. `make bench` runs it and prints what it prints.
func BenchmarkBesideTheQuery(b *testing.B) {
	if *beside == "" {
		b.Skip("for make bench, which gives it an OpenSearch")
	}
	for _, q := range []string{
		"q=http.response.status_code:%3E%3D200+AND+message:GET&from=2015-05-17&to=2015-05-17",
		"q=http.response.status_code:%3E%3D200+AND+message:GET&facets=http.response.status_code,http.request.method&from=2015-05-11&to=2015-05-17",
		"q=http.response.status_code:404&size=1&from=2015-05-17&to=2015-05-17",
	} {
		for _, clients := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("%.12s/%d", q[2:], clients), func(b *testing.B) { besideTheQuery(b, q, clients) })
		}
	}
}

func besideTheQuery(b *testing.B, q string, clients int) {
	event := []byte(get("/v1/logs/search", q, ""))
	handle := func(h handler) func(context.Context) error {
		return func(ctx context.Context) error {
			out, err := h.Invoke(ctx, event)
			if err == nil && !bytes.Contains(out, []byte(`"statusCode":200`)) {
				err = fmt.Errorf("%.300s", out)
			}
			return err
		}
	}
	Config{}.spareCollections() // as main does
	ours, s := realServer(b, 0)
	cached, _ := realServer(b, time.Hour)
	asks := []func(context.Context) error{theQuery(b, s, q), handle(ours), handle(cached)}
	var times [3][]time.Duration
	var ratios, cachedRatios []float64
	for n := 0; b.Loop(); n++ {
		var p50 [3]time.Duration
		for i, ask := range asks {
			took := turnOf(b, ask, clients)
			if p50[i] = took[len(took)/2]; n > 0 { // the first warms up
				times[i] = append(times[i], took...)
			}
		}
		if n > 0 {
			ratios, cachedRatios = append(ratios, float64(p50[1])/float64(p50[0])), append(cachedRatios, float64(p50[0])/float64(p50[2]))
		}
	}
	if len(ratios) == 0 {
		b.Fatal("more than one turn is needed: -benchtime 6x")
	}
	what, _, _ := strings.Cut(q, "&from")
	cell := func(i int) string {
		slices.Sort(times[i])
		return fmt.Sprintf("%.2f / %.2f", times[i][len(times[i])/2].Seconds()*1000, times[i][len(times[i])*95/100].Seconds()*1000)
	}
	fmt.Printf("| %s | %d | %s | %s | %s | %s | %s |\n", what, clients, cell(0), cell(1), cell(2), spread(ratios), spread(cachedRatios))
}

func spread(all []float64) string {
	slices.Sort(all)
	return fmt.Sprintf("%.2f / **%.2f** / %.2f", all[0], all[len(all)/2], all[len(all)-1])
}

// turnOf is what each of a turn's requests took, sorted.
func turnOf(b *testing.B, ask func(context.Context) error, clients int) []time.Duration {
	took := make([][]time.Duration, clients)
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for range max(320/clients, 10) {
				began := time.Now()
				if err := ask(b.Context()); err != nil {
					b.Error(err)
					return
				}
				took[c] = append(took[c], time.Since(began))
			}
		})
	}
	all.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return slices.Sorted(slices.Values(slices.Concat(took...)))
}

// realServer is the product's own, with its log and metrics, before a real OpenSearch.
func realServer(b *testing.B, fresh time.Duration) (handler, *server) {
	log := slog.New(slog.NewJSONHandler(struct{ io.Writer }{io.Discard}, nil)) // whose lines are written, as the product's are
	c, err := client.New(client.Config{URL: *beside, MaxAttempts: 2, RetryBudget: 10}, client.Deps{
		Now: time.Now, Logger: log, Metrics: telemetry.New(io.Discard, telemetry.Config{Namespace: "x"}, "search", time.Now),
	})
	if err != nil {
		b.Fatal(err)
	}
	set, err := collection.LoadDir("../../collections")
	if err != nil {
		b.Fatal(err)
	}
	if fresh > 0 {
		for _, c := range set.All() {
			c.Search.Cache = &collection.Cache{Fresh: fmt.Sprintf("%ds", int(fresh.Seconds())), Settled: "0s", Stale: "10m"}
		}
	}
	s := newServer(Config{}, set, c, nil, log, time.Now)
	s.remember(cache.New(time.Now, cache.NewMemory(32<<20)))
	return newHandler(s.newEngine(), log), s
}

// theQuery sends what ours sends for q, and reads the reply unread.
func theQuery(b *testing.B, s *server, q string) func(context.Context) error {
	v, _ := s.bound("logs", nil)
	values, _ := url.ParseQuery(q)
	r, err := query.Read(v.schema, values, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	where, err := s.indices.covering(b.Context(), v.Policy, r.From, r.To)
	if err != nil {
		b.Fatal(err)
	}
	body, err := r.Body(3750 * time.Millisecond)
	if err != nil {
		b.Fatal(err)
	}
	target := *beside + "/" + strings.Join(where.names, ",") + "/_search?allow_no_indices=true&cancel_after_time_interval=5000ms&ignore_unavailable=true"
	sender := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		reply, err := sender.Do(req)
		if err != nil {
			return err
		}
		defer reply.Body.Close()
		if _, err := io.Copy(io.Discard, reply.Body); err != nil || reply.StatusCode != http.StatusOK {
			return fmt.Errorf("%s %w", reply.Status, err)
		}
		return nil
	}
}
