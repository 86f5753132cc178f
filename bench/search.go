package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// searchers are compared with the query itself, sent by this process.
var searchers = []*contender{
	{name: "floor: a function that passes the query on", pkg: "./peer/rawsearch"},
	{name: ours, pkg: "./functions/search"},
	{name: ours + ", cached", pkg: "./functions/search"},
	{name: "Gin + opensearch-go v2.3.0, query_string", pkg: "./peer/ginsearch"},
}

// sought is a search, and the query that ours makes of it.
type sought struct {
	name, parameters string
	path, body       string
}

// timed is what a turn measured: milliseconds of each request, and of CPU.
type timed struct{ p50, p95, cpu sample }

const turn = 400 // requests of one contender, before the next one's

// search measures what a search costs above its query.
func (b *bench) search(ctx context.Context, _ *sink) error {
	if err := compile(ctx, filepath.Join(b.dir, "search"), searchers); err != nil {
		return err
	}
	if err := b.fillWeek(ctx); err != nil {
		return err
	}
	if err := b.beside(ctx); err != nil {
		return err
	}
	for _, q := range []sought{
		{name: "50 of many documents", parameters: "q=http.response.status_code:%3E%3D200+AND+message:GET&from=2015-05-17&to=2015-05-17"},
		{name: "50 of a week's documents, with top values", parameters: "q=http.response.status_code:%3E%3D200+AND+message:GET&facets=http.response.status_code,http.request.method&from=2015-05-11&to=2015-05-17"},
		{name: "one document of few", parameters: "q=http.response.status_code:404&size=1&from=2015-05-17&to=2015-05-17"},
	} {
		if err := b.watch(ctx, &q); err != nil {
			return err
		}
		for _, clients := range []int{1, 8, 32} {
			if err := b.searching(ctx, q, clients); err != nil {
				return err
			}
		}
	}
	return nil
}

// beside has the handler compared with its query in one process.
func (b *bench) beside(ctx context.Context) error {
	head("The handler in one process with the query that it sends, p50 / p95 ms", "q", "at once", "the query itself", ours, ours+", cached", "p50 against the query, min / **median** / max", "times faster if cached")
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "BesideTheQuery", "-benchtime", strconv.Itoa(b.repetitions+1)+"x", "./functions/search", "-beside", b.opensearch.URL) //nolint:gosec // our own
	cmd.Dir, cmd.Stderr = "..", os.Stderr
	out, err := cmd.Output()
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "| ") {
			fmt.Print(line)
		} else if err != nil {
			fmt.Fprint(os.Stderr, line)
		}
	}
	return err
}

// fillWeek stores documents, as many a day, and has them found.
func (b *bench) fillWeek(ctx context.Context) error {
	last := b.dayLines()
	for day := 11; day <= 17; day++ {
		b.day = nil
		for _, l := range last {
			b.day = append(b.day, strings.Replace(l, "[17/May/", fmt.Sprintf("[%d/May/", day), 1))
		}
		if _, _, err := b.events(ctx, uint64(66+day), 20_000, 353); err != nil {
			return err
		}
	}
	for _, path := range []string{"/logs-*/_refresh", "/logs-*/_forcemerge?max_num_segments=1"} {
		if err := b.send(ctx, path, ""); err != nil {
			return err
		}
	}
	return nil
}

// watch learns from a request of ours what it asks OpenSearch.
func (b *bench) watch(ctx context.Context, q *sought) error {
	target, err := url.Parse(b.opensearch.URL)
	if err != nil {
		return err
	}
	pass := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/_search") {
			text, _ := io.ReadAll(r.Body)
			q.path, q.body, r.Body = r.URL.RequestURI(), string(text), io.NopCloser(bytes.NewReader(text))
		}
		pass.ServeHTTP(w, r)
	}))
	defer front.Close()
	fn, err := searchers[1].start(ctx, front.URL, 1, nil)
	if err != nil {
		return err
	}
	defer fn.Close()
	reply, err := ask(ctx, fn, httpEvent(q.parameters))
	if err == nil && (q.path == "" || !strings.Contains(reply, `\"complete\":true`) || !strings.Contains(reply, `\"id\":`)) {
		err = fmt.Errorf("%s is no search to measure: %.300s", q.parameters, reply)
	}
	return err
}

func (b *bench) searching(ctx context.Context, q sought, clients int) error {
	running := make([]*lambdatest.Function, len(searchers))
	folder, err := b.cachedCollections()
	if err != nil {
		return err
	}
	for i, c := range searchers {
		env := map[string]string{"BENCH_SEARCH_PATH": q.path, "BENCH_SEARCH_BODY": q.body}
		if strings.HasSuffix(c.name, "cached") {
			env["COLLECTIONS_DIR"] = folder
		}
		if running[i], err = c.start(ctx, b.opensearch.URL, clients, env); err != nil {
			return err
		}
		defer running[i].Close()
	}
	event := httpEvent(q.parameters)
	asks := []func(context.Context) error{func(ctx context.Context) error { return b.query(ctx, q) }}
	for _, fn := range running {
		asks = append(asks, func(ctx context.Context) error { _, err := ask(ctx, fn, event); return err })
	}
	results := make([]timed, len(asks))
	for n := range b.repetitions + 1 { // the first warms up
		for i, one := range asks {
			pids := []int{0}
			if i > 0 {
				pids = running[i-1].PIDs()
			}
			if err := results[i].measure(ctx, one, clients, pids, n > 0); err != nil {
				return err
			}
		}
	}
	b.printSearch(q, clients, results)
	return nil
}

// cachedCollections is the shipped collections with a cache.
func (b *bench) cachedCollections() (string, error) {
	text, err := os.ReadFile("../collections/logs.yaml")
	if err != nil {
		return "", err
	}
	folder := filepath.Join(b.dir, "cached")
	text = bytes.Replace(text, []byte("\nsearch:\n"), []byte("\nsearch:\n  cache: {fresh: 1h}\n"), 1)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return "", err
	}
	return folder, os.WriteFile(filepath.Join(folder, "logs.yaml"), text, 0o600)
}

// query sends the query that ours sends.
func (b *bench) query(ctx context.Context, q sought) error { return b.send(ctx, q.path, q.body) }

func (b *bench) send(ctx context.Context, path, body string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.opensearch.URL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	reply, err := searchClient.Do(req)
	if err != nil {
		return err
	}
	defer reply.Body.Close() //nolint:errcheck // read to its end
	if _, err = io.Copy(io.Discard, reply.Body); err == nil && reply.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s was answered %s", path, reply.Status)
	}
	return err
}

var searchClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}

// measure has clients send a turn's requests, each one behind the other.
func (t *timed) measure(ctx context.Context, one func(context.Context) error, clients int, pids []int, keep bool) error {
	before := total(pids)
	took := make([]sample, clients)
	failed := make([]error, clients)
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for range max(turn/clients, 10) {
				began := time.Now()
				if err := one(ctx); err != nil {
					failed[c] = err
					return
				}
				took[c] = append(took[c], float64(time.Since(began).Microseconds())/1000)
			}
		})
	}
	all.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	if !keep {
		return nil
	}
	times := sample(slices.Concat(took...)).sorted()
	t.p50 = append(t.p50, times[len(times)/2])
	t.p95 = append(t.p95, times[len(times)*95/100])
	t.cpu = append(t.cpu, float64((total(pids)-before).Microseconds())/1000/float64(len(times)))
	return nil
}

func (b *bench) printSearch(q sought, clients int, results []timed) {
	head(fmt.Sprintf("%s, %d at once, %d requests a turn", q.name, clients, max(turn/clients, 10)*clients),
		"asked by", "p50 ms, min / **median** / max", "p95 ms, min / **median** / max", "CPU ms/request, **median**", "p50 against the query", "p50 against the floor")
	names := []string{"the query itself"}
	for _, c := range searchers {
		names = append(names, c.name)
	}
	for i, r := range results {
		row(names[i], r.p50.spread("%.2f"), r.p95.spread("%.2f"), fmt.Sprintf("**%.2f**", r.cpu.median()),
			fmt.Sprintf("%.2f", ratio(r.p50, results[0].p50)), fmt.Sprintf("%.2f", ratio(r.p50, results[1].p50)))
	}
}

// ratio is the median of the turns' ratios: what one moment slows, it slows for both.
func ratio(a, to sample) float64 {
	var all sample
	for i := range a {
		all = append(all, a[i]/to[i])
	}
	return all.median()
}

func httpEvent(query string) []byte {
	event, _ := json.Marshal(map[string]any{ // strings and maps
		"version": "2.0", "routeKey": "$default", "rawPath": "/v1/logs/search", "rawQueryString": query,
		"headers":        map[string]string{"accept": "*/*", "host": "x.execute-api.eu-west-1.amazonaws.com", "user-agent": "curl/8.5.0", "x-forwarded-for": "203.0.113.7"},
		"requestContext": map[string]any{"accountId": "000000000000", "stage": "$default", "http": map[string]string{"method": "GET", "path": "/v1/logs/search", "sourceIp": "203.0.113.7"}},
	})
	return event
}

// ask is an answer with status 200, as the function gave it.
func ask(ctx context.Context, fn *lambdatest.Function, event []byte) (string, error) {
	res, err := fn.Invoke(ctx, event)
	if err != nil {
		return "", err
	}
	if !bytes.Contains(res.Payload, []byte(`"statusCode":200`)) {
		return "", fmt.Errorf("%s answered %.300s", fn.Bootstrap, res.Payload)
	}
	return string(res.Payload), nil
}
