package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/sluice-dev/sluice/local/redrive"
)

const deadLettersUsage = `usage: local dead-letters list|preview|redrive [flags]
  list      what is in the dead-letter queue, by cause; nothing is consumed
  preview   what a redrive would come to by today's collections and mappings; nothing is stored
  redrive   sends letters back to where records come from
Without -queue: of the ` + "`make run`" + ` that is up. With it: on AWS, by your own credentials and AWS_REGION.
`

// choice is a command's flags.
type choice struct {
	command   string
	queue, to string
	parking   bool
	filter    redrive.Filter
	most      int
	body      bool
	dryRun    bool
	rate      float64
}

func deadLetters(ctx context.Context, args []string) error {
	c, err := choose(args, time.Now())
	if err != nil {
		return err
	}
	s, err := c.connect(ctx)
	if err != nil {
		return err
	}
	switch {
	case c.command == "preview":
		return s.preview(ctx)
	case c.command == "redrive" && !c.dryRun:
		return s.redrive(ctx)
	}
	return s.list(ctx)
}

func choose(args []string, now time.Time) (c choice, err error) {
	if len(args) > 0 {
		c.command, args = args[0], args[1:]
	}
	if c.command != "list" && c.command != "preview" && c.command != "redrive" {
		return c, errors.New(deadLettersUsage)
	}
	flags := flag.NewFlagSet("dead-letters "+c.command, flag.ContinueOnError)
	flags.StringVar(&c.queue, "queue", "", "URL of the dead-letter or parking queue, on AWS")
	flags.BoolVar(&c.parking, "parking", false, "the parking queue of `make run` instead of its dead-letter queue")
	flags.StringVar(&c.filter.Type, "class", "", "only letters of this class, as list shows it")
	flags.StringVar(&c.filter.Collection, "collection", "", "only letters of this collection")
	flags.Func("before", "only records first seen before: a time such as 2026-05-17T09:00:00Z, or an age such as 24h", func(text string) (err error) {
		c.filter.Before, err = moment(text, now)
		return err
	})
	flags.IntVar(&c.most, "most", 20_000, "letters that are hidden from others at once while they are looked at")
	if c.command == "list" {
		flags.BoolVar(&c.body, "body", false, "show the body of each example")
	} else {
		flags.StringVar(&c.to, "to", "", "URL of the queue to send to; default: the one whose dead-letter queue it is")
	}
	if c.command == "redrive" {
		flags.Float64Var(&c.rate, "rate", 0, "letters a second; 0: as fast as it goes")
		flags.BoolVar(&c.dryRun, "dry-run", false, "only list what would be sent")
	}
	if err := flags.Parse(args); err != nil {
		return c, fmt.Errorf("dead-letters %s: %w", c.command, err)
	}
	if flags.NArg() > 0 {
		return c, fmt.Errorf("%q is no flag: all arguments are flags", flags.Arg(0))
	}
	if c.most < 1 || c.rate < 0 {
		return c, errors.New("-most must be 1 or more, -rate 0 or more")
	}
	return c, nil
}

func moment(text string, now time.Time) (time.Time, error) {
	if age, err := time.ParseDuration(text); err == nil {
		return now.Add(-age), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, errors.New("give a time such as 2026-05-17T09:00:00Z, or an age such as 24h")
	}
	return t, nil
}

func tell(format string, args ...any) { fmt.Fprintf(os.Stderr, format, args...) }
