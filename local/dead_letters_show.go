package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sluice-dev/sluice/local/redrive"
)

func (s *session) list(ctx context.Context) error {
	groups, rest, err := s.from.List(ctx, s.body)
	total := s.headline(groups, rest)
	for _, g := range groups {
		show(g)
		if s.body {
			fmt.Printf("        body: %s\n", g.Body())
		}
	}
	if s.command == "redrive" {
		to, failed := s.destination(ctx)
		err = errors.Join(err, failed)
		fmt.Printf("\n%d would be sent to %s; -dry-run sends nothing\n", total, to)
	}
	return err
}

func (s *session) headline(groups []redrive.Group, rest redrive.Rest) (total int) {
	for _, g := range groups {
		total += g.Count
	}
	fmt.Printf("%s%s in %s\n", plural(total, "dead letter"), atLeast(rest.Full), s.from.URL)
	unseen(rest)
	return total
}

func atLeast(full bool) string {
	if full {
		return " or more (raise -most to see further)"
	}
	return ""
}

func unseen(rest redrive.Rest) {
	if rest.Lost > 0 {
		fmt.Printf("Up to %d more are hidden for %s: the queue's answer was lost. Run it again then\n", rest.Lost, hidden)
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func show(g redrive.Group) {
	collection := g.Collection
	if collection == "" {
		collection = "(no collection)"
	}
	fmt.Printf("\n%6d  %s  %s\n        %s\n", g.Count, g.Type, collection, g.Cause)
	fmt.Printf("        first seen %s to %s, dead-lettered up to %d times\n", stamp(g.Oldest), stamp(g.Newest), g.Attempts)
	fmt.Printf("        for example id %s from %s\n", g.Example.ID, g.Example.Note.Source)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "an unknown time"
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

func (s *session) preview(ctx context.Context) error {
	m, err := s.move(ctx)
	if err != nil {
		return err
	}
	arn, err := s.arnOf(ctx, m.To)
	if err != nil {
		return err
	}
	invoke, stop, err := s.ingest(ctx)
	if err != nil {
		return err
	}
	defer stop()
	p, err := m.Preview(ctx, arn, invoke)
	if err != nil {
		return err
	}
	s.headline(p.Groups, p.Rest)
	for _, g := range p.Groups {
		show(g)
		for _, line := range []struct {
			n    int
			what string
		}{{g.Stored, "would be stored"}, {g.Refused, "would be refused"}, {g.Unknown, "could not be tried"}} {
			if line.n > 0 {
				fmt.Printf("        %d %s\n", line.n, line.what)
			}
		}
		for _, why := range slices.Sorted(maps.Keys(g.Why)) {
			fmt.Printf("          %d: %s\n", g.Why[why], why)
		}
	}
	d := p.Documents
	fmt.Printf("\ndocuments: %d would be new or newer, %d are stored already, %d are older than what is stored, %d deletes\n",
		d["stored"], d["stored_already"], d["stale"], d["deleted"])
	if n := d["overwritten"]; n > 0 {
		fmt.Printf("CAUTION: %d have no version and would replace what is stored now, even if that is newer\n", n)
	}
	return nil
}

func (s *session) redrive(ctx context.Context) error {
	m, err := s.move(ctx)
	if err != nil {
		return err
	}
	next := time.Now().Add(time.Second)
	m.Tell = func(n int) {
		if now := time.Now(); now.After(next) {
			tell("%d sent\n", n)
			next = now.Add(time.Second)
		}
	}
	began := time.Now()
	out, err := m.Run(ctx)
	fmt.Printf("%s sent to %s in %s\n", plural(out.Moved+out.Twice, "dead letter"), m.To, time.Since(began).Round(time.Millisecond))
	if out.Twice > 0 {
		fmt.Printf("%d of them could not be deleted: they may be sent again, which changes nothing\n", out.Twice)
	}
	kept := 0
	for _, why := range slices.Sorted(maps.Keys(out.Kept)) {
		fmt.Printf("%d kept: %s\n", out.Kept[why], why)
		kept += out.Kept[why]
	}
	if out.Full {
		fmt.Println("There may be more: run it again")
	}
	unseen(out.Rest)
	if err == nil && kept > 0 {
		err = fmt.Errorf("%s could not be sent, see above", plural(kept, "dead letter"))
	}
	return err
}
