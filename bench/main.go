// Command bench measures Sluice side by side with its peers on one machine: the CPU of
// the handlers against a sink that stores nothing, documents a second against a real
// OpenSearch, memory, cold starts. Contenders take turns, each figure is of at least five
// repetitions, and the tables are ready for docs/benchmarks.md. It refuses a run in which
// a document was not stored. Called by `make bench`; Linux only.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/local/part"
)

// bench is what all measurements share.
type bench struct {
	lines       []string
	repetitions int
	docs        int // a repetition of a handler
	dir         string
	day         []string // those of one day
	opensearch  *part.OpenSearch
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var b bench
	file := flag.String("lines", "", "an access log in combined format to make documents of (default: look-alikes)")
	only := flag.String("only", "handlers,throughput,memory,cold,search", "what to measure")
	flag.IntVar(&b.repetitions, "repetitions", 5, "of each measurement, contenders taking turns")
	flag.IntVar(&b.docs, "documents", 20_000, "sent through a handler in a repetition")
	flag.Parse()
	var err error
	if b.lines, err = lines(*file, 10_000, rand.New(rand.NewPCG(1, 2))); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "sluice-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir) //nolint:errcheck // a temporary folder
	if err := compile(ctx, b.dir, contenders); err != nil {
		return err
	}
	home := part.Home{Cache: "../.local", Data: filepath.Join(b.dir, "data"), Say: func(s string) { fmt.Fprintln(os.Stderr, s) }}
	if b.opensearch, err = part.StartOpenSearch(ctx, home, part.OpenSearchOptions{Heap: "1g"}); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		_ = b.opensearch.Stop(ctx)
	}()
	s, err := startSink(b.opensearch.URL)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // it ends with us
	fmt.Printf("%s, %d cores, %s %s, OpenSearch %s, %d repetitions\n", processor(), runtime.NumCPU(), runtime.Version(), runtime.GOARCH, b.opensearch.Version, b.repetitions)
	for _, m := range []struct {
		name    string
		measure func(context.Context, *sink) error
	}{{"handlers", b.handlers}, {"memory", b.memory}, {"cold", b.cold}, {"throughput", b.throughput}, {"search", b.search}} {
		if slices.Contains(strings.Split(*only, ","), m.name) {
			if err := m.measure(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
	}
	return nil
}

// processor is the CPU's model.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	_, rest, _ := strings.Cut(string(text), "model name")
	name, _, _ := strings.Cut(strings.TrimLeft(rest, "\t :"), "\n")
	return name
}
