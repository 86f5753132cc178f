package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-dev/sluice/local/feed"
	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/config"
)

// Config is what `make run` takes from the environment.
type Config struct {
	// Sources that are started: sqs, kinesis, dynamodb, kafka, rabbitmq, s3. Default sqs, which is always there.
	Sources []string `env:"SOURCES" envDefault:"sqs"`
	// OpenSearchURL of a cluster you have; empty: one is started.
	OpenSearchURL string `env:"OPENSEARCH_URL"`
	// RowsDSN of a database you have, for collections with rows (docs/rows.md). Empty: none.
	RowsDSN string `env:"ROWS_DSN"`
	// OpenSearchVersion that is started: 2.19.6 or 3.8.0. Default 2.19.6.
	OpenSearchVersion string `env:"OPENSEARCH_VERSION"`
	// OpenSearchHeap is its -Xmx. Default 1g.
	OpenSearchHeap string `env:"OPENSEARCH_HEAP" envDefault:"1g"`
	// Port of the HTTP API and the page; a free one is taken where it is in use. Default 8080.
	Port int `env:"PORT" envDefault:"8080"`
	// UnsignedTokens: the HTTP API demands Bearer tokens and believes their claims without
	// verifying them, to try search.tenant. Default false.
	UnsignedTokens bool `env:"UNSIGNED_TOKENS" envDefault:"false"`
	// Cache of search beside each environment's memory: redis starts one. Default none.
	Cache string `env:"CACHE"`
	// Quiet: no tail of the newest documents in the terminal. Default false.
	Quiet bool `env:"QUIET" envDefault:"false"`
}

// Validate returns every mistake.
func (c Config) Validate() error {
	var mistakes []error
	for _, s := range c.Sources {
		if !slices.Contains(sourceNames(), s) {
			mistakes = append(mistakes, fmt.Errorf("SOURCES names %q: choose from %s", s, strings.Join(sourceNames(), ", ")))
		}
	}
	if c.Cache != "" && c.Cache != "redis" {
		mistakes = append(mistakes, fmt.Errorf("CACHE is %q: write redis, or leave it out", c.Cache))
	}
	return errors.Join(mistakes...)
}

const (
	redisPort      = 6379
	openSearchPort = 9200
	awsPort        = 9324
	functionsPort  = 9001
	stopWithin     = 30 * time.Second
	collections    = "collections" // as in the artifact; make runs at the root
)

// runAll starts everything, tells where it is, and stops it all when ctx ends.
func runAll(ctx context.Context) (err error) {
	var cfg Config
	if err := config.Load(&cfg); err != nil {
		return err
	}
	if _, err := collection.LoadDir(collections); err != nil { // before anything is fetched or started
		return err
	}
	cache, err := part.DefaultCache()
	if err != nil {
		return err
	}
	live := feed.NewLive(time.Now)
	home := part.Home{Cache: cache, Data: filepath.Join(cache, "run"), Say: say, Line: func(name, line string) {
		if name != "moto" { // which writes a line for each request, ours included
			live.Line(name, line)
		}
	}}
	release, err := alone(home.Data)
	if err != nil {
		return err
	}
	defer release()
	stack, err := startParts(ctx, cfg, home)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopParts(stack)) }()
	p := &product{cfg: cfg, stack: stack, home: home, live: live}
	return p.serve(ctx)
}

func startParts(ctx context.Context, cfg Config, home part.Home) (*part.Stack, error) {
	o := part.Options{Home: home, Queues: true, AWSPort: awsPort}
	for _, s := range cfg.chosen() {
		s.needs(&o)
	}
	if cfg.Cache == "redis" {
		o.Redis = &part.RedisOptions{Port: redisPort}
	}
	if cfg.OpenSearchURL == "" {
		o.OpenSearch = &part.OpenSearchOptions{Version: cfg.OpenSearchVersion, Heap: cfg.OpenSearchHeap, Port: openSearchPort}
	}
	return part.Start(ctx, o)
}

func stopParts(stack *part.Stack) error {
	say("Stopping the servers")
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	return stack.Stop(ctx)
}

// serve runs the product over the parts until ctx ends. What feeds it ends first, then
// what takes in, so that what was sent has been taken in.
func (p *product) serve(ctx context.Context) error {
	defer p.close()
	if err := p.prepare(ctx); err != nil {
		return err
	}
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var work errgroup.Group
	p.start(inner, &work)
	feeding, stopFeeding := context.WithCancel(ctx)
	defer stopFeeding()
	work.Go(func() error { p.live.Run(feeding, p.queue()); return nil })
	if err := p.announce(ctx); err != nil && ctx.Err() == nil {
		cancel()
		return errors.Join(err, work.Wait())
	}
	p.tail(ctx)
	<-ctx.Done()
	say("Draining: what was sent is taken in before everything stops (Ctrl-C again does not wait)")
	p.drain()
	cancel()
	return work.Wait()
}

func (p *product) drain() {
	if err := drained(context.Background(), p.at.sqs(), p.at.Queues.Ingest, 15*time.Second); err != nil {
		say(fmt.Sprintf("%v; OpenSearch keeps what was taken in, the queue is gone with its server", err))
	}
}

func say(sentence string) { fmt.Println(sentence) }
